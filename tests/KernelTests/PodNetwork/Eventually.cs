using System.Diagnostics;

namespace KernelTests.PodNetwork;

/// <summary>Waits for what another thread or the kernel brings about; the bound only ends a test that would never end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(20);

    public static async Task Holds(Func<bool> condition, Func<string> otherwise)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            if (waited.Elapsed > Bound) Assert.Fail(otherwise());
            await Task.Delay(Pause);
        }
    }
}
