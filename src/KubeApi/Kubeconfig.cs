using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using YamlDotNet.Serialization;

namespace KubeApi;

/// <summary>
/// Where an API server is and who one is there: the part of a kubeconfig file that this project writes and reads
/// (one cluster, one user by client certificate). Certificates and key are PEM texts.
/// </summary>
public sealed record Kubeconfig(string Server, string CertificateAuthority, string ClientCertificate, string ClientKey)
{
    /// <summary>The file's text, readable by kubectl. It holds a private key: write it with mode 0600.</summary>
    public string ToYaml(string user) => $"""
        apiVersion: v1
        kind: Config
        current-context: nodeagent
        clusters:
        - name: nodeagent
          cluster:
            server: {Server}
            certificate-authority-data: {Base64(CertificateAuthority)}
        users:
        - name: {user}
          user:
            client-certificate-data: {Base64(ClientCertificate)}
            client-key-data: {Base64(ClientKey)}
        contexts:
        - name: nodeagent
          context:
            cluster: nodeagent
            user: {user}

        """;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The file is no kubeconfig with embedded certificates; the message says what is missing.</exception>
    public static Kubeconfig Load(string path)
    {
        var file = ReadYaml(path);
        var context = Entry(file, "contexts", "context", Text(file, "current-context", path), path);
        var cluster = Entry(file, "clusters", "cluster", Text(context, "cluster", path), path);
        var user = Entry(file, "users", "user", Text(context, "user", path), path);
        return new Kubeconfig(Text(cluster, "server", path), Pem(cluster, "certificate-authority-data", path),
            Pem(user, "client-certificate-data", path), Pem(user, "client-key-data", path));
    }

    /// <summary>A handler that presents the client certificate and trusts the cluster's CA and nothing else.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        using var pem = X509Certificate2.CreateFromPem(ClientCertificate, ClientKey);
        // Windows-style key containers are not needed, but SslStream wants the key and certificate in one object that it may keep.
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var authority = X509Certificate2.CreateFromPem(CertificateAuthority);
        return new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificate],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck,
                },
            },
            ConnectCallback = TcpConnection.Connect, ConnectTimeout = TcpConnection.HandshakeTimeout,
            // A dead peer (pulled plug) is noticed within seconds, also by a watch on which nothing happens.
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
        };
    }

    private static Dictionary<object, object> ReadYaml(string path)
    {
        var text = File.ReadAllText(path);
        try { return new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(text) ?? throw new FormatException($"{path} is empty"); }
        catch (YamlDotNet.Core.YamlException e) { throw new FormatException($"{path} is not YAML: {e.Message}"); }
    }

    private static Dictionary<object, object> Entry(Dictionary<object, object> file, string list, string field, string name, string path)
    {
        var entries = (file.GetValueOrDefault(list) as List<object> ?? []).OfType<Dictionary<object, object>>();
        return entries.FirstOrDefault(entry => entry.GetValueOrDefault("name") as string == name)?.GetValueOrDefault(field) as Dictionary<object, object>
            ?? throw new FormatException($"{path} has no {field} named \"{name}\"");
    }

    private static string Text(Dictionary<object, object> map, string key, string path) =>
        map.GetValueOrDefault(key) as string ?? throw new FormatException($"{path} lacks {key}");

    private static string Pem(Dictionary<object, object> map, string key, string path)
    {
        try { return System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(Text(map, key, path))); }
        catch (FormatException e) { throw new FormatException($"{path}: {key}: {e.Message}"); }
    }

    private static string Base64(string pem) => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem));
}
