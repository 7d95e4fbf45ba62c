using System.Diagnostics;

namespace NodeAgent.PodNetwork;

/// <summary>
/// Whatever the kernel tells that is not as it shall be leads to a comparison; one is also made every few minutes. Ends only with its token, or when the
/// node has lost its address for good: that cannot be mended here.
/// </summary>
/// <param name="gate">Held while anything is changed.</param>
/// <param name="compare">Told whether it shall be a full comparison.</param>
internal sealed class NetworkLoop(PodNetworkConfig config, NetworkRepair repair, SemaphoreSlim gate, Action<bool> compare)
{
    /// <summary>How often the settings are read of which the kernel tells no events, and the shortest time between two comparisons.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(400), ShortestPause = TimeSpan.FromMilliseconds(20);

    private readonly Stopwatch sinceFull = Stopwatch.StartNew();
    private Stopwatch? addressMissing;

    /// <exception cref="NodeAddressMissingException">For longer than <see cref="PodNetworkConfig.AddressGrace"/>.</exception>
    public async Task Run(NetworkWatch watch, CancellationToken cancel)
    {
        using var _ = watch;
        while (!cancel.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await watch.Next(LookEvery, cancel);
                await gate.WaitAsync(cancel);
                started = Stopwatch.GetTimestamp();
                try
                {
                    if (!await Look(watch)) continue;
                }
                finally { gate.Release(); }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { return; }
            catch (NodeAddressMissingException missing)
            {
                addressMissing ??= Stopwatch.StartNew();
                if (addressMissing.Elapsed >= config.AddressGrace) throw;
                repair.Report([$"{missing.Message}; if it does not come back in {config.AddressGrace.TotalSeconds:0.#} s, the agent begins anew with the address that there is then"]);
            }
            catch (Exception error) { repair.Report([error.Message]); } // nothing else may end the loop; it looks again at the next event
            var pause = new[] { 2 * Stopwatch.GetElapsedTime(started), ShortestPause, repair.Contested }.Max();
            await Task.Delay(pause, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether there was a reason to compare.</returns>
    private async Task<bool> Look(NetworkWatch watch)
    {
        var full = sinceFull.Elapsed >= config.FullCompareEvery;
        if (full) sinceFull.Restart();
        if (!(full | repair.IsNews(await watch.Take())) && addressMissing is null && !repair.SettingsDiffer()) return false;
        compare(full);
        addressMissing = null;
        return true;
    }
}
