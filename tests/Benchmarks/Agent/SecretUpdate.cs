using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks.Agent;

/// <summary>From the write of a Secret to its new bytes in a container's mount, and to nginx serving the new certificate.</summary>
internal static class SecretUpdate
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> Measure(Cluster cluster, ApiClient client, int rounds, CancellationToken cancel)
    {
        await client.Create(Of("bench", 0), cancel);
        var container = new Container
        {
            Name = "c", Image = "busybox", ImagePullPolicy = "IfNotPresent", Command = ["sleep", "7310"],
            VolumeMounts = [new VolumeMount { Name = "secret", MountPath = "/secret" }],
        };
        await client.Create(BenchPods.Of("secret", container, new Volume { Name = "secret", Secret = new SecretVolumeSource { SecretName = "bench" } }), cancel);
        await BenchPods.Ready(client, "secret", cancel);
        var pid = cluster.Node(1).Processes("busybox").Concat(cluster.Node(1).Processes("sleep"))
            .First(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("7310", StringComparison.Ordinal));
        var bytes = new List<double>();
        for (var i = 1; i <= rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await client.Update(Of("bench", i), cancel);
            await Until(() => File.ReadAllText($"/proc/{pid}/root/secret/number") == $"{i}", cancel);
            bytes.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        var served = await Served(cluster, client, rounds / 5, cancel);
        await BenchPods.Clear(client, cancel);
        return
        [
            new Figure("Secret write to new bytes in the pod", new Series("secret", "ms", bytes), null, "p99 below 500 ms"),
            new Figure("Secret write to nginx serving its certificate", new Series("certificate", "ms", served), null, ""),
        ];
    }

    private static Secret Of(string name, int number) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Data = new Dictionary<string, byte[]> { ["number"] = Encoding.ASCII.GetBytes($"{number}") },
    };

    private static async Task<IReadOnlyList<double>> Served(Cluster cluster, ApiClient client, int rounds, CancellationToken cancel)
    {
        await client.Create(Certificate(out var thumbprint), cancel);
        var container = new Container
        {
            Name = "c", Image = "bprashanth/nginxhttps:1.0", ImagePullPolicy = "IfNotPresent",
            VolumeMounts = [new VolumeMount { Name = "secret", MountPath = "/etc/nginx/ssl" }],
        };
        await client.Create(BenchPods.Of("tls", container, new Volume { Name = "secret", Secret = new SecretVolumeSource { SecretName = "tls" } }), cancel);
        var address = IPAddress.Parse((await BenchPods.Ready(client, "tls", cancel)).Status!.PodIP!);
        using var prober = NetworkNamespace.OfProcess(cluster.Node(2).InitPid!.Value);
        await Until(() => ServedBy(prober, address) == thumbprint, cancel);
        var samples = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            var next = Certificate(out thumbprint);
            var start = Stopwatch.GetTimestamp();
            await client.Update(next, cancel);
            await Until(() => ServedBy(prober, address) == thumbprint, cancel);
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return samples;
    }

    private static Secret Certificate(out string thumbprint)
    {
        using var key = RSA.Create(2048);
        using var made = new CertificateRequest("CN=my-nginx", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
        thumbprint = made.Thumbprint;
        return new Secret
        {
            Metadata = new ObjectMeta { Name = "tls", Namespace = "default" },
            Data = new Dictionary<string, byte[]>
            {
                ["nginx.crt"] = Encoding.ASCII.GetBytes(made.ExportCertificatePem()), ["nginx.key"] = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
            },
        };
    }

    /// <summary>Thumbprint of the certificate that a TLS handshake shows; null where nobody answers.</summary>
    private static string? ServedBy(NetworkNamespace from, IPAddress address)
    {
        string? seen = null;
        from.Run(() =>
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 2000, SendTimeout = 2000 };
                socket.Connect(address, 443);
                using var tls = new SslStream(new NetworkStream(socket), false, (_, certificate, _, _) => (seen = certificate?.GetCertHashString()) is not null);
                tls.AuthenticateAsClient("my-nginx");
            }
            catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException) { }
        });
        return seen;
    }

    private static async Task Until(Func<bool> condition, CancellationToken cancel)
    {
        for (var end = DateTime.UtcNow + Bound; !condition(); await Task.Delay(1, cancel))
            if (DateTime.UtcNow > end) throw new TimeoutException($"it did not come about within {Bound.TotalSeconds:0} s");
    }
}
