using System.Security.Cryptography.X509Certificates;
using ControlPlane.Joining;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Joining;
using Xunit;

namespace UnitTests.Joining;

public sealed class JoinTests(JoinCluster cluster) : IClassFixture<JoinCluster>, IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private string File => directory.File("etc/nodeagent/kubeconfig");

    public void Dispose() => directory.Dispose();

    private async Task<string> Refused(string token, string node, string? pin = null, string? server = null)
    {
        var e = await Assert.ThrowsAsync<JoinException>(() => cluster.Join(token, node, File, pin, server));
        Assert.DoesNotContain(token.Split('.')[^1], e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
        return e.Message;
    }

    private async Task<int> Requests() => (await cluster.Api.List<CertificateSigningRequest>(new ListOptions(), default)).Items.Count;

    [Fact]
    public async Task A_token_makes_a_machine_the_node_of_its_name_and_no_more_than_that_and_only_once()
    {
        var token = (await cluster.Token()).ToString();
        Assert.True(await cluster.Join(token, "first", File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.EnumerateFiles(Path.GetDirectoryName(File)!));
        using var node = new ApiClient(Kubeconfig.Load(File), "test");
        Assert.Equal("system:node:first", (await node.Create(new SelfSubjectReview(), default)).Status!.UserInfo!.Username);
        Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(() => node.List<Secret>(new ListOptions(), default))).Code);

        var before = System.IO.File.ReadAllText(File);
        Assert.False(await cluster.Join(token, "first", File));
        Assert.Contains("has joined already, as node \"first\" of this cluster", (await Assert.ThrowsAsync<JoinException>(() => cluster.Join(token, "second", File))).Message, StringComparison.Ordinal);
        Assert.Equal(before, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task A_token_that_expired_was_revoked_or_is_anothers_makes_nothing()
    {
        const string Unknown = "the cluster does not know the token";
        var revoked = await cluster.Token();
        await cluster.Api.Delete<Secret>("kube-system", "bootstrap-token-" + revoked.Id, default);
        var wrong = (await cluster.Token()) with { Secret = "0123456789abcdef" };
        var requests = await Requests();
        Assert.StartsWith(Unknown, await Refused((await cluster.Token(TimeSpan.FromMilliseconds(-1))).ToString(), "n"), StringComparison.Ordinal);
        Assert.StartsWith(Unknown, await Refused(revoked.ToString(), "n"), StringComparison.Ordinal);
        Assert.StartsWith(Unknown, await Refused(JoinToken.New().ToString(), "n"), StringComparison.Ordinal);
        Assert.StartsWith(Unknown, await Refused(wrong.ToString(), "n"), StringComparison.Ordinal);
        Assert.Equal(requests, await Requests());
    }

    [Fact]
    public async Task A_token_for_one_machine_lets_no_second_one_in()
    {
        var token = (await cluster.Token(once: true)).ToString();
        using var elsewhere = new TemporaryDirectory();
        Assert.True(await cluster.Join(token, "only", elsewhere.File("kubeconfig")));
        Assert.Contains("the token was for one machine and was used for node \"only\"", await Refused(token, "replayed"), StringComparison.Ordinal);
        Assert.Contains("the token was for one machine", await Refused(token, "only"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_authority_gets_to_see_no_token()
    {
        var used = (await cluster.Token()).ToString();
        Assert.Contains("it is another cluster, or somebody stands in between. The token was not sent", await Refused(used, "n", "sha256:" + new string('0', 64)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_control_plane_that_does_not_answer_is_named() =>
        Assert.StartsWith("the control plane does not answer at 127.0.0.1:1: ", await Refused(JoinToken.New().ToString(), "n", server: "https://127.0.0.1:1"), StringComparison.Ordinal);

    [Fact]
    public async Task A_name_is_free_again_only_when_its_machine_is_gone()
    {
        var token = (await cluster.Token()).ToString();
        await cluster.Register(cluster.Api, "taken", "192.0.2.50");
        Assert.Contains("the cluster has a node \"taken\", which is alive at 192.0.2.50", await Refused(token, "taken"), StringComparison.Ordinal);
        // Who does not ask first is refused by the cluster itself.
        await cluster.Api.MergePatch<Node>("", "taken", new { status = new { conditions = Array.Empty<object>() } }, default, "status");
        Assert.Contains("node \"taken\" is alive at 192.0.2.50", await Refused(token, "taken"), StringComparison.Ordinal);
        // Silent for long, or deleted.
        await cluster.Api.MergePatch<Node>("", "taken", new { status = new { conditions = new[] { new { type = "Ready", status = "Unknown" } } } }, default, "status");
        Assert.True(await cluster.Join(token, "taken", File));
        System.IO.File.Delete(File);
        await cluster.Api.Delete<Node>("", "taken", default);
        Assert.True(await cluster.Join(token, "taken", File));
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(-59, false)]
    [InlineData(3600, true)]
    [InlineData(-90, true)]
    public void A_clock_that_is_off_is_told_by_how_much(int seconds, bool refused)
    {
        var server = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
        if (!refused) ClusterDiscovery.RequireClock(server, server.AddSeconds(seconds));
        else Assert.StartsWith($"this machine's clock is {Math.Abs(seconds)} s {(seconds > 0 ? "ahead of" : "behind")} the control plane's", Assert.Throws<JoinException>(() => ClusterDiscovery.RequireClock(server, server.AddSeconds(seconds))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://x", "abcdef.0123456789abcdef", "n", "is no address of a control plane")]
    [InlineData("x:6443", "abcdef", "n", "the token is not of the form ID.SECRET")]
    [InlineData("x:6443", "abcdef.0123456789abcdef", "N_1", "cannot be the name of a node")]
    public void What_is_malformed_is_said_before_anybody_is_asked(string server, string token, string node, string why) =>
        Assert.Contains(why, Assert.Throws<JoinException>(() => JoinOptions.Parse(server, token, ["sha256:" + new string('a', 64)], node, "/x")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("24h", 86400)]
    [InlineData("1h30m", 5400)]
    [InlineData("90s", 90)]
    [InlineData("0", null)]
    public void A_tokens_lifetime_is_written_as_kubeadm_writes_it(string text, int? seconds) => Assert.Equal(seconds, TokenLifetime.Parse(text)?.TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("1d")]
    [InlineData("-1h")]
    public void What_is_no_lifetime_is_refused(string text) => Assert.Throws<FormatException>(() => TokenLifetime.Parse(text));
}
