namespace EndToEndTests.Fixture;

/// <summary>All end-to-end tests that share the one cluster; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCluster : ICollectionFixture<TestCluster>
{
    public const string Name = "one cluster for all";
}

/// <summary>A test on a cluster, the shared one if it says nothing else, in a namespace of its own that is emptied and removed afterwards.</summary>
[Collection(SharedCluster.Name)]
public abstract class EndToEndTest(TestCluster cluster)
{
    private static int _count;

    private protected TestCluster Cluster => cluster;

    /// <summary>Both kubectls, by <see cref="TestCluster.KubectlBinary"/>'s names: Debian 12's and the one on this machine's PATH.</summary>
    public static TheoryData<string> BothKubectls => new("1.20.2", "installed");

    /// <summary>Runs a test in a fresh namespace. If it fails the exception carries the state of the whole cluster.</summary>
    private protected async Task InNamespace(Func<NamespacedTest, Task> test, string kubectl = "installed")
    {
        var ns = $"test-{Interlocked.Increment(ref _count)}";
        using var user = new Kubectl(cluster.KubectlBinary(kubectl), cluster.Kubeconfig);
        var here = new NamespacedTest(cluster, user, ns);
        await here.Create();
        await Run(test, here, here.Remove);
    }

    /// <summary>As <see cref="InNamespace"/>, but where the guide is: in the namespace default, with the files of one state of the guide.</summary>
    /// <param name="state">Folder below scripts/guide.</param>
    private protected async Task InDefault(string kubectl, string state, Func<NamespacedTest, Task> test)
    {
        using var user = new Kubectl(cluster.KubectlBinary(kubectl), cluster.Kubeconfig, $"{Repository.Guide}/{state}");
        var here = new NamespacedTest(cluster, user, "default");
        await Run(test, here, here.Clear);
    }

    private async Task Run(Func<NamespacedTest, Task> test, NamespacedTest here, Func<Task> cleanUp)
    {
        try { await test(here); }
        catch (Exception error)
        {
            var dump = await cluster.Dump();
            // What a broken cluster says to being tidied up must not hide what broke it.
            try { await cleanUp(); }
            catch (Exception second) { dump = $"And then, while cleaning up: {second.Message}\n{dump}"; }
            throw new FailedTestException(error, dump);
        }
        await cleanUp();
    }
}

/// <summary>The failure of a test, with rules, routes, pods, events and logs of that moment.</summary>
internal sealed class FailedTestException(Exception cause, string dump) : Exception($"{cause.Message}\n{cause.StackTrace}\n\n{dump}", cause);
