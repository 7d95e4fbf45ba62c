using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Certificates;

/// <summary>
/// Replaces the control plane's own certificates before they end, while it runs: the one that the API server shows, and those
/// by which its parts are clients. Connections go on with what they began with. A certificate is looked at again and again
/// instead of once at its time, so that a clock that was set, and a file that a command made anew, are noticed.
/// </summary>
/// <param name="every">How often all are looked at.</param>
internal sealed class CertificateRenewal(ClusterCa authority, TimeSpan every, Action<string> log)
{
    private static readonly TimeSpan SoonEnding = TimeSpan.FromDays(365), Repeat = TimeSpan.FromDays(1);

    private readonly List<(string Name, Func<X509Certificate2?> Renew)> kept = [];
    private readonly Dictionary<string, (string Text, DateTime At)> said = [];

    /// <param name="renew">Puts a new one to use if it is time, and returns it; null: the present one is good.</param>
    public void Keep(string name, Func<X509Certificate2?> renew)
    {
        lock (kept) kept.Add((name, renew));
    }

    /// <summary>Until cancelled; a failure is told and tried again.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            do Look();
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) { }
    }

    private void Look()
    {
        (string Name, Func<X509Certificate2?> Renew)[] all;
        lock (kept) all = [.. kept];
        foreach (var (name, renew) in all)
            try
            {
                if (renew() is { } renewed) log($"new certificate {name}, until {renewed.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC");
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException) { Tell(name, $"no new certificate {name}: {e.Message}"); }
        if (authority.Certificate.NotAfter.ToUniversalTime() is var end && end < DateTime.UtcNow + SoonEnding)
            Tell("ca", $"the cluster's authority ends on {end:yyyy-MM-dd} UTC, and every certificate with it: 'controlplane certs renew ca', restart the control plane, and join the nodes again before then");
    }

    /// <summary>The same once a day.</summary>
    private void Tell(string about, string text)
    {
        if (said.TryGetValue(about, out var before) && before.Text == text && (DateTime.UtcNow - before.At).Duration() < Repeat) return;
        said[about] = (text, DateTime.UtcNow);
        log(text);
    }
}
