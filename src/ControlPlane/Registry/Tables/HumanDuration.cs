namespace ControlPlane.Registry.Tables;

/// <summary>Durations as <c>kubectl get</c> shows ages: coarser the longer (k8s.io/apimachinery duration.HumanDuration).</summary>
internal static class HumanDuration
{
    private const int Day = 24, Year = 365 * Day;

    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        var minutes = seconds / 60;
        var hours = minutes / 60;
        return seconds switch
        {
            < -1 => "<invalid>", // clocks may differ by a second, not more
            < 0 => "0s",
            < 120 => $"{seconds}s",
            < 600 => Two(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{minutes}m",
            < 8 * 3600 => Two(hours, "h", minutes % 60, "m"),
            _ => OfHours(hours),
        };
    }

    private static string OfHours(long hours) => hours switch
    {
        < 2 * Day => $"{hours}h",
        < 8 * Day => Two(hours / Day, "d", hours % Day, "h"),
        < 2 * Year => $"{hours / Day}d",
        < 8 * Year => Two(hours / Year, "y", hours / Day % 365, "d"),
        _ => $"{hours / Year}y",
    };

    private static string Two(long major, string majorUnit, long minor, string minorUnit) =>
        minor == 0 ? $"{major}{majorUnit}" : $"{major}{majorUnit}{minor}{minorUnit}";
}
