using System.Globalization;
using Linux;

namespace NodeAgent.Images;

/// <summary>What users read about a pull.</summary>
internal static class PullWords
{
    /// <summary>As containerd words it, around what skopeo said.</summary>
    public static string Failure(ImageName name, Exception e)
    {
        var said = e switch
        {
            CommandException { Result.Error: var error } when error.IndexOf("msg=", StringComparison.Ordinal) is >= 0 and var at =>
                error[(at + 4)..].Trim().Trim('"').Replace("\\\"", "\""),
            _ => e.Message,
        };
        var resolve = $"failed to resolve reference \"{name}\": ";
        var why = said.Contains("manifest unknown") || said.Contains("name unknown") ? $"{resolve}{name}: not found ({said})"
            : said.Contains("unauthorized") || said.Contains("denied") || said.Contains("authentication required") || said.Contains("invalid username/password")
                ? $"{resolve}pull access denied, repository does not exist or may require authorization: {said}"
            : said;
        return $"failed to pull and unpack image \"{name}\": {why}";
    }

    /// <summary>Several credentials were tried in turn.</summary>
    public static string All(IReadOnlyList<string> failures) =>
        failures.Distinct().ToList() is [var only] ? only : $"[{string.Join(", ", failures.Distinct())}]";

    /// <summary>As Go writes durations, to the millisecond: 523ms, 1.2s, 2m3.004s.</summary>
    public static string Duration(TimeSpan time)
    {
        var milliseconds = (long)time.TotalMilliseconds;
        if (milliseconds < 1000) return milliseconds == 0 ? "0s" : $"{milliseconds}ms";
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{milliseconds % 60_000 / 1000.0:0.###}s");
        var minutes = milliseconds / 60_000;
        return minutes == 0 ? seconds : minutes < 60 ? $"{minutes}m{seconds}" : $"{minutes / 60}h{minutes % 60}m{seconds}";
    }
}
