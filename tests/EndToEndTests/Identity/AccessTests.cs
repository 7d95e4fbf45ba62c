using EndToEndTests.Fixture;

namespace EndToEndTests.Identity;

/// <summary>Roles, bindings, tokens and questions about them, as a user types them.</summary>
public sealed class AccessTests(TestCluster cluster) : EndToEndTest(cluster)
{
    [Theory, MemberData(nameof(BothKubectls))]
    public Task Roles_and_bindings_made_by_kubectl_decide(string kubectl) => InNamespace(async here =>
    {
        Assert.Equal("yes\n", await here.Run("kubectl auth can-i '*' '*' --all-namespaces"));
        Assert.Equal("no\n", await here.Run("kubectl auth can-i list pods --as jane || true"));
        await here.Run("kubectl create role reader --verb=get,list,watch --resource=pods,deployments.apps");
        await here.Run("kubectl create rolebinding reads --role=reader --user=jane --group=devs");
        Assert.Equal("yes\n", await here.Run("kubectl auth can-i list pods --as jane"));
        Assert.Equal("yes\n", await here.Run("kubectl auth can-i list deployments --as joe --as-group devs"));
        Assert.Equal("no\n", await here.Run("kubectl auth can-i delete pods --as jane || true"));
        Assert.Contains("[get list watch]", await here.Run("kubectl auth can-i --list --as jane"), StringComparison.Ordinal);
        Assert.Contains("No resources found", await here.Run("kubectl get pods --as jane"), StringComparison.Ordinal);
        Assert.Contains($"secrets is forbidden: User \"jane\" cannot list resource \"secrets\" in API group \"\" in the namespace \"{here.Namespace}\"",
            (await here.Kubectl.TryRun("kubectl get secrets --as jane")).Error, StringComparison.Ordinal);
        Assert.Contains("Role/reader", await here.Run("kubectl get rolebinding reads"), StringComparison.Ordinal);
        Assert.Contains("User   jane", await here.Run("kubectl describe rolebinding reads"), StringComparison.Ordinal);
        await here.Run("kubectl delete rolebinding reads");
        Assert.Equal("no\n", await here.Run("kubectl auth can-i list pods --as jane || true"));
    }, kubectl);

    [Fact]
    public Task A_token_made_by_kubectl_is_its_account_until_that_is_deleted() => InNamespace(async here =>
    {
        await here.Run("kubectl create serviceaccount robot");
        await here.Run("kubectl create rolebinding robot --clusterrole=view --serviceaccount=$(kubectl config view --minify -o jsonpath='{..namespace}'):robot");
        await here.Run("kubectl create token robot --duration=20m > $HOME/token; kubectl config set-credentials robot --token=$(cat $HOME/token)");
        Assert.Contains($"system:serviceaccount:{here.Namespace}:robot", await here.Run("kubectl --user robot auth whoami"), StringComparison.Ordinal);
        await Eventually.Get("the role view has its rules", () => here.Run("kubectl --user robot auth can-i list services || true"), answer => answer == "yes\n");
        await here.Run("kubectl --user robot get all");
        Assert.Contains("cannot list resource \"secrets\"", (await here.Kubectl.TryRun("kubectl --user robot get secrets")).Error, StringComparison.Ordinal);
        await here.Run("kubectl delete serviceaccount robot");
        Assert.Contains("Unauthorized", (await here.Kubectl.TryRun("kubectl --user robot get all")).Error, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_pod_of_an_unknown_service_account_is_refused_and_the_default_one_comes_back() => InNamespace(async here =>
    {
        Assert.Contains($"pods \"p\" is forbidden: error looking up service account {here.Namespace}/nobody: serviceaccount \"nobody\" not found",
            (await here.Kubectl.TryRun("""kubectl run p --image=nginx --overrides='{"spec":{"serviceAccountName":"nobody"}}'""")).Error, StringComparison.Ordinal);
        await here.Run("kubectl delete serviceaccount default");
        await Eventually.Get("the account default is back", () => here.Run("kubectl get serviceaccount -o name"), names => names.Contains("serviceaccount/default", StringComparison.Ordinal));
        await here.Run("kubectl delete configmap kube-root-ca.crt");
        await Eventually.Get("the ConfigMap of the authority is back", () => here.Run("kubectl get configmap -o name"), names => names.Contains("configmap/kube-root-ca.crt", StringComparison.Ordinal));
    });
}
