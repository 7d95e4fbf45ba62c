using System.Text.RegularExpressions;

namespace ControlPlane.Joining;

/// <summary>Durations as kubeadm takes them: <c>24h</c>, <c>1h30m</c>, <c>90s</c>; 0 is for ever.</summary>
internal static partial class TokenLifetime
{
    /// <returns>Null for ever.</returns>
    /// <exception cref="FormatException">It is no duration.</exception>
    public static TimeSpan? Parse(string text)
    {
        if (text == "0") return null;
        var parts = Duration().Match(text);
        if (text.Length == 0 || !parts.Success) throw new FormatException($"'{text}' is no duration such as 24h, 30m or 90s");
        var lifetime = TimeSpan.FromHours(Number("h")) + TimeSpan.FromMinutes(Number("m")) + TimeSpan.FromSeconds(Number("s"));
        return lifetime > TimeSpan.Zero ? lifetime : null;

        double Number(string unit) => parts.Groups[unit] is { Success: true } group ? double.Parse(group.Value, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"\A(?:(?<h>[0-9]{1,6})h)?(?:(?<m>[0-9]{1,6})m)?(?:(?<s>[0-9]{1,6})s)?\z")] private static partial Regex Duration();
}
