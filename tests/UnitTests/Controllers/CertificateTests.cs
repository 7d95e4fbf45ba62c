using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApi;
using KubeApi.Objects;
using UnitTests.Certificates;
using static UnitTests.Certificates.TestSigningRequests;

namespace UnitTests.Controllers;

public class CertificateTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static readonly string[] Joining = ["system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token", "system:authenticated"];

    private Task<CertificateSigningRequest> Until(string name, Func<CertificateSigningRequest, bool> holds) => cluster.Until(() => api.Get<CertificateSigningRequest>("", name, default), holds);

    private static CertificateSigningRequestCondition? Condition(CertificateSigningRequest request, string type) => request.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static bool IsIssued(CertificateSigningRequest request) => request.Status?.Certificate is { Length: > 0 };

    [Fact]
    public async Task Who_joins_gets_a_nodes_certificate_and_the_node_renews_it_by_itself()
    {
        using var joining = cluster.Client("system:bootstrap:abcdef", Joining);
        await joining.Create(Object("join-fresh", OfNode("fresh")), default);
        var issued = await Until("join-fresh", IsIssued);
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(issued.Status!.Certificate!));
        Assert.Equal("O=system:nodes, CN=system:node:fresh", certificate.Subject);
        Assert.Equal(("AutoApproved", "Auto approving kubelet client certificate after SubjectAccessReview."), (Condition(issued, "Approved")!.Reason, Condition(issued, "Approved")!.Message));
        Assert.NotNull(Condition(issued, "Approved")!.LastTransitionTime);

        using var node = cluster.Client("system:node:fresh", "system:nodes");
        await node.Create(Object("renew-fresh", OfNode("fresh")), default);
        Assert.Equal("Auto approving self kubelet client certificate after SubjectAccessReview.", Condition(await Until("renew-fresh", IsIssued), "Approved")!.Message);
    }

    [Fact]
    public async Task A_name_that_a_living_node_has_is_denied()
    {
        using var joining = cluster.Client("system:bootstrap:abcdef", Joining);
        await joining.Create(Object("join-taken", OfNode("node1")), default);
        var denied = await Until("join-taken", request => Condition(request, "Denied") is not null);
        Assert.Equal("NodeNameTaken", Condition(denied, "Denied")!.Reason);
        Assert.Null(denied.Status!.Certificate);
    }

    [Fact]
    public async Task A_node_gets_a_serving_certificate_for_its_own_addresses_and_waits_for_people_otherwise()
    {
        await api.Create(new Node { Metadata = new ObjectMeta { Name = "server" }, Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = "192.0.2.77" }] } }, default);
        using var node = cluster.Client("system:node:server", "system:nodes");
        await node.Create(Object("serve-own", OfNode("server", IPAddress.Parse("192.0.2.77")), KubeletServing), default);
        await node.Create(Object("serve-other", OfNode("server", IPAddress.Parse("192.0.2.78")), KubeletServing), default);
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString((await Until("serve-own", IsIssued)).Status!.Certificate!));
        Assert.True(certificate.MatchesHostname("192.0.2.77"));
        await api.Create(Object("serve-last", OfNode("server", IPAddress.Parse("192.0.2.77")), KubeletServing), default); // of an administrator: not the node itself
        await node.Create(Object("serve-again", OfNode("server", IPAddress.Parse("192.0.2.77")), KubeletServing), default);
        await Until("serve-again", IsIssued);
        Assert.All(new[] { "serve-other", "serve-last" }, name => Assert.Null(api.Get<CertificateSigningRequest>("", name, default).Result.Status));
    }

    [Fact]
    public async Task Nobody_else_is_approved_and_what_people_approve_against_the_rules_fails()
    {
        using var user = cluster.Client("eve", "system:authenticated");
        await Assert.ThrowsAsync<ApiException>(() => user.Create(Object("eve", OfNode("eve")), default));
        await api.Create(Object("by-hand", Pem("CN=eve, O=system:nodes")), default);
        var request = await api.Get<CertificateSigningRequest>("", "by-hand", default);
        Assert.Equal("admin", request.Spec.Username);
        await api.UpdateSubresource(request with { Status = new CertificateSigningRequestStatus { Conditions = [new CertificateSigningRequestCondition { Type = "Approved", Status = "True" }] } }, "approval", default);
        var failed = await Until("by-hand", seen => Condition(seen, "Failed") is not null);
        Assert.Equal(("SignerValidationFailure", "subject common name does not begin with system:node:"), (Condition(failed, "Failed")!.Reason, Condition(failed, "Failed")!.Message));
        Assert.Null(failed.Status!.Certificate);
    }

    [Fact]
    public async Task A_decision_is_not_taken_back_and_neither_the_request_nor_a_certificate_is_changed()
    {
        await api.Create(Object("final", Pem("CN=user"), "example.com/signer", "client auth"), default);
        var request = await Write("approval", "Denied", null);
        var changed = await api.Update(request with { Spec = request.Spec with { SignerName = "example.com/other", Username = "system:admin" } }, default);
        Assert.Equal(("example.com/signer", "admin"), (changed.Spec.SignerName, changed.Spec.Username));
        await Refused("updates may not remove a condition of type \"Denied\"", () => api.UpdateSubresource(request with { Status = null }, "approval", default));
        await Refused("Approved and Denied conditions are mutually exclusive", () => Write("approval", "Approved", null));
        await Refused("updates may not add a condition of type \"Approved\"", () => Write("status", "Approved", null));
        await Refused("must contain at least one CERTIFICATE PEM block", () => Write("status", "Other", "nonsense"));

        async Task<CertificateSigningRequest> Write(string subresource, string type, string? certificate)
        {
            var current = await api.Get<CertificateSigningRequest>("", "final", default);
            return await api.UpdateSubresource(current with
            {
                Status = (current.Status ?? new()) with
                {
                    Conditions = [.. current.Status?.Conditions ?? [], new CertificateSigningRequestCondition { Type = type, Status = "True" }],
                    Certificate = certificate is null ? null : Encoding.ASCII.GetBytes(certificate),
                },
            }, subresource, default);
        }

        static async Task Refused(string why, Func<Task> write) => Assert.Contains(why, (await Assert.ThrowsAsync<ApiException>(write)).Message, StringComparison.Ordinal);
    }
}
