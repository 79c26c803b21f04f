"""The engine of a Dask cluster: documents are read by the workers of a cluster that is there.

::

    engine.py      DaskEngine: what people make; the life of the connection    here
    client.py      a client of Dask that leaves nothing behind                 here
    connection.py  the client: connected, greeted, looked after by a thread    here
    hello.py       what a worker is asked before it gets work                  worker
    fitness.py     whether what it answers will do                             here
    window.py      how many tasks are out at once, and what goes into one      here
    exchange.py    one task: sent, watched, ended; who is to blame             here
    runner.py      what a worker of the pool reads with                        here
    files.py       whether a document goes by its path or by its bytes         both
    wire.py        requests and outcomes as bytes, and the checks on them      both
    remote.py      a task: the documents read in a sandbox of the worker       worker
    plugin.py      the plug-in that ends a child when its task is cancelled    worker
    scaling.py     how many workers the cluster is asked for                   here

A document is one task, in which the worker of the cluster runs a sandbox of its own: Dask cannot
end a task that runs, a sandbox can end its child. Only these files import ``distributed``.
"""
