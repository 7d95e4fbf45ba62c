using System.Globalization;

namespace EndToEndTests.Programmed;

/// <summary>Requests at a steady rate, each with a connection of its own, and what became of them.</summary>
/// <param name="Answered">So many got a 200.</param>
/// <param name="Failed">All others, in curl's words.</param>
internal sealed record SteadyLoad(int Answered, IReadOnlyList<string> Failed)
{
    /// <summary>Callers side by side, so that one that waits does not stop the rest, and requests a second of each.</summary>
    private const int Callers = 4, Rate = 60;

    private const string Over = "over", EndOfFile = "end";

    /// <summary>Ends a load that nobody ends: of each caller, and at this rate five minutes long.</summary>
    private const int Most = 300 * Rate;

    /// <summary>For a shell. Nothing is tried twice, and a crowded machine alone makes none fail.</summary>
    /// <param name="files">Beginning of the files in which each caller has a line per request, at once; and of one, over, when all have ended.</param>
    /// <param name="until">It ends early when this file is there.</param>
    public static string Script(string url, string files, string until) => $$"""
        for i in $(seq {{Callers}}); do
          curl -s -o /dev/null --max-time 20 --rate {{Rate}}/s -H 'Connection: close' -w '%{stderr}%{exitcode} %{http_code} %{errormsg}\n' '{{url}}/?[1-{{Most}}]' 2>{{files}}.$i &
          callers="$callers $!"
        done
        until [ -e {{until}} ]; do sleep 0.2; done
        kill $callers; wait; echo over >{{files}}.over
        """;

    /// <summary>For a shell that shows those files.</summary>
    public static string Show(string files) => $"for file in {files}.[0-9]*; do cat $file; echo {EndOfFile}; done; cat {files}.over 2>/dev/null || true";

    /// <summary>What was shown. The last line of a caller that was stopped may be half written: it does not count.</summary>
    public static SteadyLoad Read(string lines)
    {
        var requests = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line != Over && !line.EndsWith(EndOfFile, StringComparison.Ordinal)).ToList();
        return new(requests.Count(IsAnswer), [.. requests.Where(line => !IsAnswer(line))]);
    }

    public static bool IsOver(string lines) => lines.TrimEnd().EndsWith(Over, StringComparison.Ordinal);

    private static bool IsAnswer(string line) => line.TrimEnd() == "0 200";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Answered} answered, {Failed.Count} failed: {string.Join("; ", Failed.Take(20))}");
}
