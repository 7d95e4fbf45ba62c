using System.Globalization;

namespace Lab;

/// <summary>How a user writes delays and losses.</summary>
internal static class LinkQuality
{
    /// <summary>"20ms", "1.5s"; null if it is neither.</summary>
    public static TimeSpan? Delay(string text) =>
        text.EndsWith("ms", StringComparison.Ordinal) ? Number(text[..^2]) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null
        : text.EndsWith('s') && Number(text[..^1]) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>"1%" is 0.01; null if it is no percentage from 0 to 100.</summary>
    public static double? Share(string text) => text.EndsWith('%') && Number(text[..^1]) is { } percent and <= 100 ? percent / 100 : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 1e6 ? number : null;
}
