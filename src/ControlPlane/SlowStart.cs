namespace ControlPlane;

/// <summary>The first requests of a control plane to itself, on a machine so slow that they take longer than a client waits.</summary>
internal static class SlowStart
{
    private const int Attempts = 20;

    /// <summary>Does the work again while nobody answers. It must bear being done twice: an answer may have been late only.</summary>
    /// <exception cref="HttpRequestException">Nobody answered in any attempt.</exception>
    public static async Task Retry(Func<Task> work, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (HttpRequestException) when (attempt < Attempts) { await Task.Delay(TimeSpan.FromSeconds(1), cancel); }
        }
    }
}
