using ControlPlane.Audit;
using ControlPlane.Authentication;
using ControlPlane.Authorization;
using Xunit;

namespace UnitTests.Identity;

public sealed class AuditPolicyTests
{
    private static readonly User Node = new("system:node:n1", [User.Nodes]), Controllers = new("system:kube-controller-manager", []), Jane = new("jane", []);

    [Theory]
    [InlineData("get", "pods", 200, true, false, false)]
    [InlineData("get", "secrets", 200, true, true, true)]
    [InlineData("create", "pods", 201, true, true, true)]
    [InlineData("update", "leases", 200, true, false, false)]
    [InlineData("create", "events", 201, true, false, false)]
    [InlineData("get", "pods", 403, true, true, true)]
    [InlineData("get", "pods", 404, true, false, false)]
    public void Routine_of_the_clusters_own_parts_is_left_out(string verb, string resource, int code, bool jane, bool node, bool controllers)
    {
        Assert.Equal((jane, node, controllers), (Tells(Jane), Tells(Node), Tells(Controllers)));

        bool Tells(User user) => AuditPolicy.Tells(new AuditedRequest { User = user, Access = new AccessRequest(user, verb) { Resource = resource } }, code);
    }

    [Fact]
    public void Health_and_discovery_are_left_out_but_not_their_refusal()
    {
        var request = new AuditedRequest { User = Jane, Access = new AccessRequest(Jane, "get") { Path = "/api" } };
        Assert.False(AuditPolicy.Tells(request, 200));
        Assert.True(AuditPolicy.Tells(request, 403));
        Assert.True(AuditPolicy.Tells(new AuditedRequest(), 401));
    }
}
