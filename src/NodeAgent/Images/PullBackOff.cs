using System.Collections.Concurrent;

namespace NodeAgent.Images;

/// <summary>Failed pulls of a pod's image: not tried again for 10 s, doubling to 5 min, as in the kubelet.</summary>
internal sealed class PullBackOff(Func<DateTime> now)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10), Longest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Failure> failures = new();

    private sealed record Failure(DateTime Until, TimeSpan Delay, string Message);

    /// <summary>Why it failed, while it may not be tried again; else null.</summary>
    public string? Standing(string key) => failures.TryGetValue(key, out var failure) && now() < failure.Until ? failure.Message : null;

    public void Failed(string key, string message)
    {
        // As the kubelet: one that did not fail for twice the longest wait begins anew.
        foreach (var (old, failure) in failures)
            if (now() - failure.Until > 2 * Longest) failures.TryRemove(old, out _);
        failures.AddOrUpdate(key, _ => new Failure(now() + First, First, message), (_, last) =>
        {
            var delay = last.Delay * 2 < Longest ? last.Delay * 2 : Longest;
            return new Failure(now() + delay, delay, message);
        });
    }

    public void Succeeded(string key) => failures.TryRemove(key, out _);
}
