using System.Net;
using System.Security.Cryptography.X509Certificates;
using KubeApi;

namespace NodeAgent.Joining;

/// <summary>
/// Gets the node new certificates before the old ones end (kubelet's certificate rotation): at a random point between 70 and
/// 90 % of their lifetime, so that nodes that joined together do not ask together.
/// </summary>
internal sealed class CertificateRotation(NodeCredentials credentials, ApiClient client, string node, IPAddress address, Action<string> log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromMinutes(5), Patience = TimeSpan.FromMinutes(10), LongestWait = TimeSpan.FromDays(1),
        Backdated = TimeSpan.FromMinutes(5); // so much before its making a certificate begins, for clocks that are behind

    private readonly CertificateRequester requester = new(client, node);

    /// <summary>Until cancelled.</summary>
    public Task Run(CancellationToken cancel) => Task.WhenAll(
        Keep("client", () => credentials.ClientCertificate, async () => credentials.RenewClient(await requester.Client(Patience, cancel), node), cancel),
        Keep("serving", () => credentials.ServingCertificate, async () => credentials.RenewServing(await requester.Serving(address, Patience, cancel)), cancel));

    private async Task Keep(string which, Func<string?> current, Func<Task> renew, CancellationToken cancel)
    {
        for (var retry = FirstRetry; ;)
        {
            if (current() is { } pem) await Until(Due(pem), cancel);
            try
            {
                await renew();
                log($"new {which} certificate, until {End(current()!):yyyy-MM-dd HH:mm:ss} UTC");
                retry = FirstRetry;
            }
            catch (Exception e) when (e is ApiException or JoinException or HttpRequestException or IOException or UnauthorizedAccessException)
            {
                var expired = which == "client" && End(credentials.ClientCertificate) < DateTime.UtcNow;
                log($"no new {which} certificate: {e.Message}{(expired ? "; the old one has ended, and the cluster does not know this node any more: 'nodeagent join' with a new token" : "")}; again in {retry.TotalSeconds:0} s");
                await Task.Delay(retry, cancel);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
        }
    }

    /// <summary>When a certificate is to be replaced.</summary>
    internal static DateTime Due(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        var (begin, end) = (certificate.NotBefore.ToUniversalTime() + Backdated, certificate.NotAfter.ToUniversalTime());
        return end - (end - begin) * (0.1 + 0.2 * Random.Shared.NextDouble());
    }

    private static DateTime End(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.NotAfter.ToUniversalTime();
    }

    /// <summary>In parts, so that a clock that was set is noticed.</summary>
    private static async Task Until(DateTime due, CancellationToken cancel)
    {
        while (due - DateTime.UtcNow is var left && left > TimeSpan.Zero) await Task.Delay(left < LongestWait ? left : LongestWait, cancel);
    }
}
