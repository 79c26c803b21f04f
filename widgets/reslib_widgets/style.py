"""The style sheet of the panel. Colours are those of JupyterLab's theme, light or dark."""

__all__ = ["STYLE"]

#: Around or on widgets whose kernel is gone. Of a restart and a death JupyterLab's widgets tell.
#: Of a shutdown they do not (JupyterLab 4.6): there the toolbar of the notebook shows no status
#: of a kernel, and the name "No Kernel".
_GONE = (
    ":is(.jupyter-widgets-disconnected,.jp-NotebookPanel:has(.jp-Notebook-ExecutionIndicator"
    ':is([data-status=unknown],[data-status=dead]),.jp-KernelName [aria-label="No Kernel"]))'
)
#: What is said of a kernel that is gone stays when the notebook gets a new one, which knows nothing
#: of the panel: the way back takes that long. An update of a live panel replaces the elements.
_LONG = "9000000s"

STYLE = """<style>
.reslib-panel{container:reslib/inline-size;flex:1 1 300px;width:auto;min-width:0;
 max-width:820px;padding:10px 12px;border:1px solid var(--jp-border-color2,#ccc);
 border-radius:6px;--rl-ok:#009e73;--rl-fail:#d55e00;--rl-bad:var(--jp-error-color1,#d32f2f);
 --rl-wait:#e69f00;--rl-run:#3b8fc7;
 --rl-soft:var(--jp-ui-font-color2,#767676);--rl-line:var(--jp-border-color2,#ccc);
 color:var(--jp-ui-font-color1,inherit);overflow:hidden}
.reslib-panel .widget-html,.reslib-panel .widget-html-content{line-height:1.35;
 font-size:13px;height:auto;min-width:0}
.reslib-panel .widget-html-content{flex:1 1 auto;width:100%}
.reslib-panel .jupyter-button{border-radius:3px}
.rl-head{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline}
.rl-head b{font-size:16px}
.rl-head b::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;
 margin-right:7px;background:var(--rl-soft)}
.rl-head b[data-state=running]::before{background:var(--rl-ok)}
.rl-head b[data-state=paused]::before,.rl-head b[data-state=stopping]::before{
 background:var(--rl-wait)}
.rl-head b[data-state=gone]::before{background:var(--rl-bad)}
@keyframes rl-no-update{to{visibility:visible;max-width:100%;max-height:none}}
.rl-no-update{visibility:hidden;max-width:0;max-height:0;overflow:hidden;color:var(--rl-bad);
 animation:rl-no-update 0s linear 5s forwards}
.rl-dead{visibility:hidden;max-width:0;max-height:0;overflow:hidden;color:var(--rl-bad);
 transition:all 0s linear LONG}
.rl-head b,.rl-head [data-sentence]{text-decoration:line-through transparent;
 transition:text-decoration-color 0s linear LONG}
GONE .rl-dead{visibility:visible;max-width:100%;max-height:9em;transition:none}
GONE .rl-no-update{display:none}
GONE .rl-head b,GONE [data-sentence]{text-decoration-color:currentcolor;transition:none}
.reslib-panel .jupyter-widgets-disconnected::before,
.reslib-panel.jupyter-widgets-disconnected::before{display:none}
GONE .reslib-panel .jupyter-button,
.reslib-panel .jupyter-button.jupyter-widgets-disconnected{opacity:.4;pointer-events:none}
.rl-bar{display:flex;height:12px;border-radius:3px;overflow:hidden;
 background:var(--jp-layout-color2,#e0e0e0)}
.rl-bar i{min-width:2px}
.reslib-panel .rl-count{height:24px;line-height:22px;margin:0 10px 0 0;padding:0 5px;font-size:13px;
 background:none;border:1px solid transparent;box-shadow:none;color:inherit;
 font-variant-numeric:tabular-nums;text-decoration:underline dotted var(--rl-soft);
 text-underline-offset:3px}
.reslib-panel .rl-count:hover,.reslib-panel .rl-count.rl-open{border-color:var(--rl-line);
 background:var(--jp-layout-color2,#eee)}
.reslib-panel .rl-count:focus-visible{outline:2px solid var(--rl-run)}
.rl-count::before,.rl-job i{content:"";display:inline-block;width:9px;height:9px;border-radius:2px;
 margin-right:6px}
.reslib-panel td{font-variant-numeric:tabular-nums}
i.rl-complete,.rl-count-complete::before{background:var(--rl-ok)}
i.rl-failed,.rl-count-failed::before{background:var(--rl-fail)}
i.rl-cancelled,.rl-count-cancelled::before{background:var(--rl-soft)}
i.rl-processing,.rl-count-processing::before{background:var(--rl-run)}
i.rl-retry_pending,.rl-count-retry_pending::before{background:var(--rl-wait)}
i.rl-pending,.rl-count-pending::before{background:var(--jp-border-color1,#bdbdbd)}
.rl-line{overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.rl-list{border:1px solid var(--rl-line);border-radius:4px;padding:4px 8px;margin:4px 2px}
.rl-jobs{border-top:1px solid var(--rl-line)}
.rl-job{padding:3px 0;border-bottom:1px solid var(--rl-line)}
.rl-where{display:flex;gap:0 5px;white-space:nowrap}
.rl-where>*{flex:0 0 auto}
.rl-name{font-weight:600;flex-shrink:1;max-width:45%;overflow:hidden;text-overflow:ellipsis}
.rl-folder{flex:1 1 0;min-width:0;overflow:hidden;text-overflow:ellipsis;direction:rtl;
 text-align:left}
.rl-past:not(:focus){visibility:hidden}
.rl-details{margin:4px 0 4px 15px;overflow-wrap:anywhere}
.rl-details ol{margin:2px 0;padding-left:24px}
.rl-details pre{max-height:240px;overflow:auto;margin:2px 0;padding:4px;font-size:12px;
 color:inherit;background:var(--jp-layout-color2,#eee)}
.reslib-panel .rl-small{height:26px;line-height:24px;font-size:12px}
.reslib-panel table{border-collapse:collapse;width:100%;table-layout:auto;margin:0}
.reslib-panel table th{font-weight:normal;color:var(--rl-soft);text-align:left}
.reslib-panel table td,.reslib-panel table th{padding:0 10px 0 0;white-space:nowrap;
 vertical-align:middle;border:0;text-align:left}
.reslib-panel table td{border-top:1px solid var(--rl-line)}
.reslib-panel .rl-wide{width:100%;max-width:0;overflow:hidden;text-overflow:ellipsis}
.rl-workers tr,.rl-slot{height:30px}
.rl-more{display:none;color:var(--rl-soft);font-size:12px;line-height:1.2;overflow:hidden;
 text-overflow:ellipsis}
.rl-trouble tr{height:25px}
.rl-trouble bdi{display:inline-block;max-width:210px;overflow:hidden;text-overflow:ellipsis;
 vertical-align:middle}
.reslib-panel .rl-cause{color:var(--rl-bad);font-weight:normal}
.rl-hits td,.rl-hits th{white-space:normal!important;vertical-align:top!important;
 overflow-wrap:anywhere}
.rl-hits td:nth-child(-n+2){min-width:3em}
.rl-hits a{color:var(--jp-content-link-color,#00539f)}
.rl-grey{opacity:.5}
.rl-none,.rl-notice{color:var(--rl-soft)}
.rl-notice[data-kind=error]{color:var(--rl-bad)}
.rl-chart{display:block;width:100%;height:auto;max-height:110px}
.rl-chart text{font-size:10px;fill:var(--rl-soft)}
.rl-chart .rl-axis{stroke:var(--rl-line)}
.rl-chart .rl-done{stroke:var(--rl-ok)}.rl-chart .rl-bad{stroke:var(--rl-fail)}
.rl-cancels{margin:2px 2px 0 0}
.reslib-panel .rl-cancel{height:26px;width:auto;line-height:24px;margin:2px 0;font-size:12px}
@container reslib (max-width:600px){
.rl-extra{display:none}
.rl-more{display:block}
.rl-workers tr,.rl-slot{height:42px}
.reslib-panel .rl-cancel{margin:8px 0}
.rl-trouble bdi{max-width:130px}
.rl-job>.widget-html{flex:1 1 100%!important}
.rl-where{flex-wrap:wrap}
.rl-name{flex-basis:100%;max-width:100%}
}
</style>""".replace("GONE", _GONE).replace("LONG", _LONG)
