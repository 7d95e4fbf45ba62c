using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace NodeAgent.Logs;

/// <summary>What a client wants of a container's log (API type PodLogOptions).</summary>
internal sealed record LogOptions
{
    public bool Follow { get; init; }

    /// <summary>Of the container before the present one.</summary>
    public bool Previous { get; init; }

    /// <summary>Each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>UTC; what is older is left out.</summary>
    public DateTime? Since { get; init; }

    /// <summary>So many of the last lines; null: all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Bytes after which the answer ends, also within a line.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>stdout or stderr; null: both.</summary>
    public string? Stream { get; init; }

    /// <exception cref="FormatException">A value is none of its kind: 400.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value that cannot be: 422.</exception>
    public static LogOptions Parse(IQueryCollection query, DateTime now)
    {
        var (seconds, time) = (Number(query, "sinceSeconds"), Time(query, "sinceTime"));
        var options = new LogOptions
        {
            Follow = Flag(query, "follow"), Previous = Flag(query, "previous"), Timestamps = Flag(query, "timestamps"),
            TailLines = Number(query, "tailLines"), LimitBytes = Number(query, "limitBytes"), Since = time ?? (seconds is > 0 ? Before(now, seconds.Value) : null),
            Stream = Text(query, "stream") switch
            {
                null or "All" => null, "Stdout" => "stdout", "Stderr" => "stderr",
                var other => throw new ArgumentOutOfRangeException("stream", other, null),
            },
        };
        if (options.TailLines < 0 || options.LimitBytes < 1 || seconds < 1 || seconds is not null && time is not null || options is { Stream: not null, TailLines: not null })
            throw new ArgumentOutOfRangeException(nameof(query));
        return options;
    }

    private static DateTime Before(DateTime now, long seconds) =>
        seconds < (now - DateTime.UnixEpoch).TotalSeconds ? now.AddSeconds(-seconds) : DateTime.UnixEpoch;

    /// <summary>As Go's clients and servers read a bool: all but false, 0 and nothing is true.</summary>
    private static bool Flag(IQueryCollection query, string name) => query[name] is { Count: > 0 } values && values[0]?.ToLowerInvariant() is not ("false" or "0");

    private static string? Text(IQueryCollection query, string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    private static long? Number(IQueryCollection query, string name) =>
        Text(query, name) is { } text ? long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    private static DateTime? Time(IQueryCollection query, string name) =>
        Text(query, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime : null;
}
