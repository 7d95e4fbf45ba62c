using KubeApi.Objects;

namespace ControlPlane.Registry.Tables;

/// <summary>Texts that cells of several kinds share.</summary>
internal static class Cell
{
    public const string None = "<none>";
    public const string Unknown = "<unknown>";

    public static string Age(KubeObject obj, DateTime now) => Since(obj.Metadata.CreationTimestamp, now);

    /// <summary>RFC 3339.</summary>
    public static string CreatedAt(KubeObject obj) => obj.Metadata.CreationTimestamp is { } time ? time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") : Unknown;

    /// <summary>How long ago, or <c>&lt;unknown&gt;</c> where the time is absent.</summary>
    public static string Since(DateTime? time, DateTime now) =>
        time is null || time.Value == default ? Unknown : HumanDuration.Format(now - time.Value);

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;

    public static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? Unknown : text;

    /// <summary><c>a=1,b=2</c>, sorted by key.</summary>
    public static string Labels(IReadOnlyDictionary<string, string>? labels) =>
        OrNone(string.Join(',', (labels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")));

    /// <summary>The first three of a list, then how many there are more.</summary>
    public static string FirstThree(IReadOnlyList<string> items, string whenEmpty) =>
        items.Count == 0 ? whenEmpty
        : items.Count <= 3 ? string.Join(',', items)
        : $"{string.Join(',', items.Take(3))} + {items.Count - 3} more...";
}
