using System.Net;
using System.Text.Json.Nodes;
using ControlPlane;
using ControlPlane.Audit;
using KubeApi;
using Microsoft.Extensions.Logging;
using Xunit;

namespace UnitTests.Identity;

/// <summary>A control plane of its own, whose audit log and messages are read when it has ended.</summary>
public sealed class AuditTests
{
    private const string Canary = "canary-b7f31c";

    [Fact]
    public async Task The_audit_log_tells_who_did_what_and_no_log_holds_a_secret_or_a_token()
    {
        using var directory = new TemporaryDirectory();
        using var messages = new CollectedLog();
        var tokens = await Use(directory.Path, new AuditOptions(Path.Combine(directory.Path, "audit.log")), messages);
        var file = Path.Combine(directory.Path, "audit.log");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var text = await File.ReadAllTextAsync(file);
        var events = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();

        var created = Single(events, "create", "secrets", "s");
        Assert.Equal("Event", (string?)created["kind"]);
        Assert.Equal("audit.k8s.io/v1", (string?)created["apiVersion"]);
        Assert.Equal("Metadata", (string?)created["level"]);
        Assert.Equal("ResponseComplete", (string?)created["stage"]);
        Assert.Equal("admin", (string?)created["user"]!["username"]);
        Assert.Equal(201, (int?)created["responseStatus"]!["code"]);
        Assert.Equal("127.0.0.1", (string?)created["sourceIPs"]![0]);
        Assert.Equal("audit-test", (string?)created["userAgent"]);
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\z", (string?)created["requestReceivedTimestamp"]);
        Assert.Equal(200, (int?)Single(events, "get", "secrets", "s")["responseStatus"]!["code"]);
        Assert.Equal(422, (int?)Single(events, "patch", "secrets", "s")["responseStatus"]!["code"]);
        Assert.All(events, line => Assert.InRange(((string?)line["userAgent"] ?? "").Length, 0, 1024 + 20));
        Assert.Contains(events, line => ((string?)line["userAgent"] ?? "").EndsWith("...TRUNCATED", StringComparison.Ordinal));
        var refused = Single(events, "list", "configmaps", null);
        Assert.Equal("system:serviceaccount:default:default", (string?)refused["user"]!["username"]);
        Assert.Equal("Forbidden", (string?)refused["responseStatus"]!["reason"]);
        Assert.Equal("system:anonymous", (string?)events.Single(line => (int)line["responseStatus"]!["code"]! == 401)["user"]!["username"]);
        var impersonated = events.Single(line => line["impersonatedUser"] is not null);
        Assert.Equal("jane", (string?)impersonated["impersonatedUser"]!["username"]);
        Assert.Contains(events, line => (string?)line["objectRef"]?["subresource"] == "token");
        Assert.Contains(events, line => (string?)line["objectRef"]?["resource"] == "nodes" && (string?)line["verb"] == "list");

        foreach (var log in new[] { text, messages.Text })
        {
            Assert.DoesNotContain(Canary, log, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Canary)), log, StringComparison.Ordinal);
            foreach (var token in tokens)
                foreach (var part in token.Split('.')[1..]) Assert.DoesNotContain(part, log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_full_log_is_set_aside_and_only_so_many_are_kept()
    {
        using var directory = new TemporaryDirectory();
        using var messages = new CollectedLog();
        var path = Path.Combine(directory.Path, "elsewhere.log");
        await Use(directory.Path, new AuditOptions(path, MaxBytes: 2000, MaxBackups: 2), messages);
        Assert.Equal(["elsewhere.log", "elsewhere.log.1", "elsewhere.log.2"], Directory.GetFiles(directory.Path, "elsewhere.log*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in new[] { path + ".1", path + ".2" })
        {
            Assert.InRange(new FileInfo(file).Length, 2000, 4000); // ended by the line that went over
            Assert.All(await File.ReadAllLinesAsync(file), line => Assert.NotNull(JsonNode.Parse(line)));
        }
    }

    /// <summary>Makes and reads a Secret, issues tokens and shows them, good and bad. Returns the tokens.</summary>
    private static async Task<IReadOnlyList<string>> Use(string directory, AuditOptions audit, CollectedLog messages)
    {
        using var logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(messages));
        var options = new ControlPlaneOptions(directory, new IPEndPoint(IPAddress.Loopback, 0), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16") { Audit = audit };
        await using var host = await ControlPlaneHost.Start(options, logs, CancellationToken.None);
        var url = $"https://127.0.0.1:{host.Address.Port}";
        using var admin = new HttpClient(host.Authority.CreateKubeconfig(url, "admin", "system:masters").CreateHandler()) { BaseAddress = new Uri(url) };
        admin.DefaultRequestHeaders.UserAgent.ParseAdd("audit-test");
        await Send(admin, HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"},"stringData":{"k":"CANARY"}}""".Replace("CANARY", Canary));
        await Send(admin, HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"},"type":"kubernetes.io/tls","stringData":{"k":"CANARY"}, "broken":""".Replace("CANARY", Canary));
        await Send(admin, HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"t"},"type":"kubernetes.io/tls","stringData":{"k":"CANARY"}}""".Replace("CANARY", Canary));
        await Send(admin, HttpMethod.Get, "/api/v1/namespaces/default/secrets/s");
        await Send(admin, HttpMethod.Patch, "/api/v1/namespaces/default/secrets/s", """{"stringData":{"k":"CANARY"},"data":5}""".Replace("CANARY", Canary), "application/merge-patch+json");
        await Send(admin, HttpMethod.Get, "/api/v1/nodes");
        var token = (string)JsonNode.Parse(await Send(admin, HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/default/token", "{}"))!["status"]!["token"]!;
        await Send(admin, HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"TOKEN"}}""".Replace("TOKEN", token));
        var bad = token[..^8] + "AAAAAAAA";
        foreach (var shown in new[] { token, bad })
        {
            var handler = host.Authority.CreateKubeconfig(url, "nobody").CreateHandler();
            handler.SslOptions.ClientCertificates = null;
            using var account = new HttpClient(handler) { BaseAddress = new Uri(url) };
            account.DefaultRequestHeaders.Authorization = new("Bearer", shown);
            account.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", new string('x', 20_000));
            await Send(account, HttpMethod.Get, "/api/v1/namespaces/default/configmaps");
        }
        admin.DefaultRequestHeaders.Add("Impersonate-User", "jane");
        await Send(admin, HttpMethod.Get, "/api");
        await Send(admin, HttpMethod.Get, "/api/v1/namespaces/default/pods");
        return [token, bad];
    }

    private static async Task<string> Send(HttpClient client, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type));
        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static JsonNode Single(List<JsonNode> events, string verb, string resource, string? name) => events.Single(line =>
        (string?)line["verb"] == verb && (string?)line["objectRef"]?["resource"] == resource && (name is null || (string?)line["objectRef"]?["name"] == name));

    /// <summary>Everything that the program logs, at every level.</summary>
    private sealed class CollectedLog : ILoggerProvider, ILogger
    {
        private readonly List<string> lines = [];

        public string Text { get { lock (lines) return string.Join('\n', lines); } }

        public ILogger CreateLogger(string category) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format)
        {
            lock (lines) lines.Add($"{format(state, exception)} {exception}");
        }

        public void Dispose() { }
    }
}
