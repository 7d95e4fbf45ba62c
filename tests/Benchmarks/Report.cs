using System.Globalization;
using System.Text.Json;

namespace Benchmarks;

/// <summary>Prints the figures as a table for people, in Markdown, and, on request, as JSON for programs.</summary>
internal static class Report
{
    public static void Print(IReadOnlyList<Figure> figures, TextWriter output)
    {
        var rows = figures.Select(Row).Prepend(["figure", "ours p50 / p99", "peer p50 / p99", "ratio p50 / p99", "n", "aim"]).ToList();
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        foreach (var row in rows)
        {
            output.WriteLine($"| {string.Join(" | ", row.Select((cell, column) => cell.PadRight(widths[column])))} |");
            if (row == rows[0]) output.WriteLine($"|{string.Join('|', widths.Select(width => new string('-', width + 2)))}|");
        }
    }

    public static void Write(IReadOnlyList<Figure> figures, string path) => File.WriteAllText(path, JsonSerializer.Serialize(
        figures.Select(figure => new
        {
            figure.Title, figure.Aim, figure.Ratio, figure.RatioP99,
            Ours = Summary(figure.Ours), Peer = figure.Peer is { } peer ? Summary(peer) : null,
        }),
        new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase }) + "\n");

    private static object Summary(Series series) => new { series.Name, series.Unit, series.Median, series.P99, Count = series.Samples.Count };

    private static string[] Row(Figure figure) =>
    [
        figure.Title, Cell(figure.Ours), figure.Peer is { } peer ? $"{Cell(peer)} ({peer.Name})" : "-",
        figure.Ratio is { } ratio ? $"{Number(ratio)} / {Number(figure.RatioP99!.Value)}" : "-",
        figure.Ours.Samples.Count.ToString(CultureInfo.InvariantCulture), figure.Aim,
    ];

    private static string Cell(Series series) => series.Samples.Count == 1
        ? $"{Number(series.Median)} {series.Unit}" : $"{Number(series.Median)} / {Number(series.P99)} {series.Unit}";

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
