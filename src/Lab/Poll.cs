namespace Lab;

/// <summary>Waiting for something that says nothing when it happens.</summary>
internal static class Poll
{
    /// <exception cref="LabException">Not within <paramref name="bound"/>; <paramref name="complaint"/> says what is missing.</exception>
    public static async Task Until(Func<bool> condition, TimeSpan bound, Func<string> complaint, CancellationToken cancel = default)
    {
        var end = DateTime.UtcNow + bound;
        for (var pause = 1; !condition(); pause = Math.Min(pause * 2, 50))
        {
            if (DateTime.UtcNow > end) throw new LabException(complaint());
            await Task.Delay(pause, cancel);
        }
    }
}
