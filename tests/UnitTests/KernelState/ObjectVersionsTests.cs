using KubeApi.Objects;
using NodeAgent.KernelState;

namespace UnitTests.KernelState;

public class ObjectVersionsTests
{
    private static readonly ObjectVersions Versions = new("node1",
        [new Node { Metadata = new ObjectMeta { Name = "node1", ResourceVersion = "3" } }],
        [new Pod { Metadata = new ObjectMeta { Namespace = "default", Name = "a", ResourceVersion = "7", Generation = 2 } }]);

    [Theory]
    [InlineData("Node node1", "Node node1 (resourceVersion 3)")]
    [InlineData("this Node", "Node node1 (resourceVersion 3)")]
    [InlineData("Pod default/a", "Pod default/a (generation 2, resourceVersion 7)")]
    [InlineData("Pod default/a container web attempt 0", "Pod default/a (generation 2, resourceVersion 7) container web attempt 0")]
    public void An_object_is_completed_by_its_version(string origin, string whole) => Assert.Equal(whole, Versions.Complete(origin));

    [Theory, InlineData("Pod default/b"), InlineData("no object"), InlineData("the agent itself"), InlineData("pods with host ports"), InlineData("Pod default/a (generation 1, resourceVersion 5)"), InlineData("")]
    public void What_is_unknown_or_complete_stays_as_it_is(string origin) => Assert.Equal(origin, Versions.Complete(origin));
}
