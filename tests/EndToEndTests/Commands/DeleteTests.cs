using EndToEndTests.Fixture;

namespace EndToEndTests.Commands;

/// <summary><c>kubectl delete</c>: what goes with an object, what stays, and when the command returns.</summary>
public sealed class DeleteTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task By_default_dependents_go_too(string kubectl) => InNamespace(async here =>
    {
        await Deployment(here);
        Assert.Contains("deployment.apps \"web\" deleted", await here.Run("kubectl delete deployment web"), StringComparison.Ordinal);
        await Eventually.Get("no replica set and no pod", () => here.Run("kubectl get rs,pods -o name"), names => names.Length == 0);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Orphaned_dependents_stay_and_a_new_owner_adopts_them(string kubectl) => InNamespace(async here =>
    {
        var pod = await Deployment(here);
        await here.Run("kubectl delete deployment web --cascade=orphan");
        var set = (await here.Run("kubectl get rs -o name")).Trim();
        Assert.Equal("", await here.Field(set, ".metadata.ownerReferences"));
        Assert.Equal(pod.Uid, await here.Field($"pod {pod.Name}", ".metadata.uid"));
        await here.Run("kubectl create deployment web --image=nginx");
        await Eventually.Get("the new deployment adopts the set", () => here.Field(set, ".metadata.ownerReferences[0].name"), name => name == "web");
        Assert.Equal(pod.Uid, Assert.Single(await here.PodsReady("app=web", 1)).Uid);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task In_the_foreground_the_owner_goes_last(string kubectl) => InNamespace(async here =>
    {
        await Deployment(here);
        await here.Run("kubectl delete deployment web --cascade=foreground --wait=false");
        await Eventually.Get("the deployment is gone", () => here.Run("kubectl get deployments -o name"), names => names.Length == 0);
        Assert.Empty(await here.Run("kubectl get rs -o name"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_finalizer_holds_the_object_until_it_is_removed(string kubectl) => InNamespace(async here =>
    {
        await here.Pipe("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/hold]}\n", "kubectl create -f -");
        await here.Run("kubectl delete configmap held --wait=false");
        Assert.NotEmpty(await here.Field("configmap held", ".metadata.deletionTimestamp"));
        await here.Run("""kubectl patch configmap held --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'""");
        Assert.Contains("not found", (await here.Kubectl.TryRun("kubectl get configmap held")).Error, StringComparison.Ordinal);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task By_label_by_file_all_and_what_is_not_there(string kubectl) => InNamespace(async here =>
    {
        foreach (var name in new[] { "a", "b", "c" }) await here.Run($"kubectl create configmap {name} && kubectl label configmap {name} name={name}");
        await here.Run("kubectl delete configmap -l name=a");
        await here.Pipe("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n", "kubectl delete -f -");
        Assert.Equal("configmap/c\n", await here.Run("kubectl get configmaps -l name -o name"));
        await here.Run("kubectl delete configmaps --all");
        Assert.Empty(await here.Run("kubectl get configmaps -l name -o name"));
        var none = await here.Kubectl.TryRun("kubectl delete configmap c");
        Assert.Equal((1, "Error from server (NotFound): configmaps \"c\" not found\n"), (none.ExitCode, none.Error));
        await here.Run("kubectl delete configmap c --ignore-not-found");
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_forced_deletion_of_a_pod_does_not_wait(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl run slow --image=busybox --restart=Never -- sh -c 'trap : TERM; sleep 1000 & wait; sleep 1000'");
        await here.PodsReady("run=slow", 1);
        Assert.Contains("pod \"slow\" force deleted", await here.Run("kubectl delete pod slow --grace-period=0 --force"), StringComparison.Ordinal);
        Assert.Contains("not found", (await here.Kubectl.TryRun("kubectl get pod slow")).Error, StringComparison.Ordinal);
    }, kubectl);

    private static async Task<TestPod> Deployment(NamespacedTest here)
    {
        await here.Run("kubectl create deployment web --image=nginx");
        return Assert.Single(await here.PodsReady("app=web", 1));
    }
}
