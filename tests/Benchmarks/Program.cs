using Benchmarks;

// bench [--json FILE]: measures, prints a table and, where asked for, writes the same as JSON.
var json = args is ["--json", var path] ? path : null;
if (args.Length > 0 && json is null)
{
    Console.Error.WriteLine("usage: bench [--json FILE]");
    return 2;
}
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) => { key.Cancel = true; stop.Cancel(); };

var figures = new List<Figure>();
figures.AddRange(await ApiServerBench.Run(stop.Token));

Report.Print(figures, Console.Out);
if (json is not null) Report.Write(figures, json);
return 0;
