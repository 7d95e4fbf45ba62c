using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Joining;

/// <summary>
/// Finds out whether the control plane at an address is the right one: asks it for its CA without showing or believing
/// anything, and believes the CA if its public key has the hash that came with the token (kubeadm's token-based discovery).
/// </summary>
internal static partial class ClusterDiscovery
{
    private const string Path = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

    /// <summary>Certificates are good from five minutes before they were made; more than this off, they may not hold yet.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(1);

    /// <returns>The CA's certificate as PEM text.</returns>
    /// <exception cref="JoinException">It does not answer, is another one, or the clocks differ.</exception>
    public static async Task<string> FindAuthority(Uri server, IReadOnlyList<string> pins, CancellationToken cancel)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = TcpConnection.Connect, ConnectTimeout = TcpConnection.HandshakeTimeout, AllowAutoRedirect = false, UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true }, // what it says is checked by the hash
        }) { BaseAddress = server, Timeout = TcpConnection.HandshakeTimeout * 2 };
        var (status, date, body) = await Ask(http, server, cancel);
        RequireClock(date, DateTimeOffset.UtcNow);
        if (status != HttpStatusCode.OK) throw new JoinException($"{server.Authority} does not tell which cluster it is ({(int)status} for {Path}): is it a control plane of this version?");
        var authorities = Authorities(body, server);
        try { return authorities.First(authority => pins.Contains(Hash(authority))).ExportCertificatePem(); }
        catch (InvalidOperationException)
        {
            throw new JoinException($"the CA of {server.Authority} is sha256:{string.Join(", sha256:", authorities.Select(Hash))}, and not the one that was given: it is another cluster, or somebody stands in between. The token was not sent");
        }
        finally { foreach (var authority in authorities) authority.Dispose(); }
    }

    /// <exception cref="JoinException">The clocks differ by more than certificates allow.</exception>
    internal static void RequireClock(DateTimeOffset? server, DateTimeOffset now)
    {
        if (server is not { } theirs || (now - theirs).Duration() <= MostSkew) return;
        var skew = now - theirs;
        throw new JoinException($"this machine's clock is {(long)skew.Duration().TotalSeconds} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the control plane's ({now:yyyy-MM-dd HH:mm:ss} here, {theirs.ToUniversalTime():yyyy-MM-dd HH:mm:ss} there, UTC): "
            + "certificates would not hold. Set it (timedatectl set-ntp true), then join again");
    }

    private static async Task<(HttpStatusCode Status, DateTimeOffset? Date, string Body)> Ask(HttpClient http, Uri server, CancellationToken cancel)
    {
        try
        {
            using var response = await http.GetAsync(Path, cancel);
            return (response.StatusCode, response.Headers.Date, await response.Content.ReadAsStringAsync(cancel));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            throw new JoinException($"the control plane does not answer at {server.Authority}: {(e.InnerException is { } inner && e is not OperationCanceledException ? $"{e.Message.TrimEnd('.')}: {inner.Message}" : e.Message)}", e);
        }
    }

    private static List<X509Certificate2> Authorities(string body, Uri server)
    {
        try
        {
            var kubeconfig = KubeJson.Deserialize<ConfigMap>(Encoding.UTF8.GetBytes(body)).Data?.GetValueOrDefault("kubeconfig") ?? "";
            var data = AuthorityData().Match(kubeconfig);
            if (!data.Success) throw new FormatException("it has no certificate-authority-data");
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(data.Groups[1].Value)));
            return [.. certificates];
        }
        catch (Exception e) when (e is FormatException or CryptographicException or System.Text.Json.JsonException) { throw new JoinException($"{server.Authority} does not tell its CA in a form that can be read: {e.Message}", e); }
    }

    private static string Hash(X509Certificate2 authority) => Convert.ToHexStringLower(SHA256.HashData(authority.PublicKey.ExportSubjectPublicKeyInfo()));

    [GeneratedRegex(@"certificate-authority-data:\s*""?([A-Za-z0-9+/=]+)")] private static partial Regex AuthorityData();
}
