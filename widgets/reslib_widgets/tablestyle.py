"""The style sheet of the viewer of tables. Colours are those of JupyterLab's theme."""

__all__ = ["STYLE"]

STYLE = """<style>
.reslib-tables{container:reslib-tables/inline-size;flex:1 1 300px;width:auto;min-width:0;
 max-width:1400px;padding:10px 12px;border:1px solid var(--jp-border-color2,#ccc);border-radius:6px;
 --rl-line:var(--jp-border-color2,#ccc);--rl-soft:var(--jp-ui-font-color2,#767676);
 --rl-bad:var(--jp-error-color1,#d32f2f);color:var(--jp-ui-font-color1,inherit);overflow:hidden}
.reslib-tables .widget-html,.reslib-tables .widget-html-content{line-height:1.35;font-size:13px;
 height:auto;min-width:0}
.reslib-tables .widget-html-content{flex:1 1 auto;width:100%}
.reslib-tables .jupyter-button{border-radius:3px}
.reslib-tables .rl-caption{color:var(--rl-soft)}
.reslib-tables .rl-cause{color:var(--rl-bad)}
.reslib-tables .rl-beside{align-items:flex-start;gap:12px}
.reslib-tables .rl-paper{position:relative;flex:1 1 320px;min-width:0;background:#fff;
 border:1px solid var(--rl-line)}
.reslib-tables .rl-paper>*{flex:1 1 auto}
.reslib-tables .rl-paper svg{display:block;width:100%;height:auto;max-height:760px}
.reslib-tables .rl-marks{position:absolute;inset:0}
.reslib-tables .rl-frame{flex:1 1 300px;max-height:760px;overflow:auto}
.reslib-tables table{border-collapse:collapse;margin:0}
.reslib-tables table td,.reslib-tables table th{padding:1px 10px 1px 4px;text-align:left;
 vertical-align:top;border:0;border-top:1px solid var(--rl-line);font-variant-numeric:tabular-nums}
.reslib-tables table th{position:sticky;top:0;background:var(--jp-layout-color1,#fff);
 font-weight:600;border-top:0}
.reslib-tables table td.rl-crowded{border-left:3px solid #d55e00;color:var(--rl-bad)}
.reslib-tables .rl-cutting{border:1px solid var(--rl-line);border-radius:4px;padding:4px 6px}
.reslib-tables .rl-said{color:var(--rl-soft)}
@container reslib-tables (max-width:620px){
.reslib-tables .rl-paper,.reslib-tables .rl-frame{flex-basis:100%}
}
</style>"""
