namespace EndToEndTests.Fixture;

/// <summary>The cluster whose agents are killed, whose machines lose power and get company: beside the shared one, so that both are quick and neither disturbs the other.</summary>
public sealed class FaultCluster() : TestCluster("end-to-end-faults");

/// <summary>All tests that harm a cluster or change its nodes; they run one after the other, beside those on the shared one.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<FaultCluster>
{
    public const string Name = "one cluster for all faults";
}

/// <summary>As <see cref="EndToEndTest"/>, on the cluster that may be harmed. The test leaves it whole: two nodes, both Ready.</summary>
[Collection(FaultCollection.Name)]
public abstract class FaultTest(FaultCluster cluster) : EndToEndTest(cluster);
