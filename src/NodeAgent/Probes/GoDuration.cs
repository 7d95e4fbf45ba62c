namespace NodeAgent.Probes;

/// <summary>Whole seconds as Go prints a duration: 1s, 1m10s, 1h0m5s.</summary>
internal static class GoDuration
{
    public static string Of(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => $"{(int)time.TotalHours}h{time.Minutes}m{time.Seconds}s",
        { TotalMinutes: >= 1 } => $"{time.Minutes}m{time.Seconds}s",
        _ => $"{time.Seconds}s",
    };
}
