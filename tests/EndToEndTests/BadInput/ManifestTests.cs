using EndToEndTests.Fixture;
using Linux;

namespace EndToEndTests.BadInput;

/// <summary>Wrong manifests earn kubectl's clear error, exit code 1, and change nothing.</summary>
public sealed class ManifestTests(TestCluster cluster) : EndToEndTest(cluster)
{
    private const string Service = """
        metadata:
          name: my-nginx
          labels:
            run: my-nginx
        spec:
          ports:
          - port: 80
            protocol: TCP
          selector:
            run: my-nginx
        """;

    /// <summary>The misspelt Service of the guide's text of 2020, as printed and with either mistake alone.</summary>
    [Theory]
    [InlineData("1.20.2", "appiVersion: v1\nkind: Servvice\n", "apiVersion not set")]
    [InlineData("installed", "appiVersion: v1\nkind: Servvice\n", "apiVersion not set")]
    [InlineData("1.20.2", "apiVersion: v1\nkind: Servvice\n", "no matches for kind \"Servvice\" in version \"v1\"")]
    [InlineData("installed", "apiVersion: v1\nkind: Servvice\n", "no matches for kind \"Servvice\" in version \"v1\"")]
    [InlineData("1.20.2", "apiVersion: extensions/v1beta1\nkind: Service\n", "no matches for kind \"Service\" in version \"extensions/v1beta1\"")]
    [InlineData("installed", "apiVersion: extensions/v1beta1\nkind: Service\n", "no matches for kind \"Service\" in version \"extensions/v1beta1\"")]
    public Task A_misspelt_service_gets_a_clear_error_and_creates_nothing(string kubectl, string head, string complaint) => InNamespace(async here =>
    {
        await Refused(here, "kubectl apply -f -", head + Service, complaint);
        Assert.DoesNotContain("my-nginx", await here.Run("kubectl get svc"), StringComparison.Ordinal);
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_field_of_the_wrong_type_is_refused(string kubectl) => InNamespace(async here =>
    {
        await Refused(here, "kubectl create -f -", "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: wrong}\nspec: {replicas: many}\n", "replicas");
        Assert.Empty(await here.Run("kubectl get rc -o name"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_missing_required_field_is_refused_with_its_path(string kubectl) => InNamespace(async here =>
    {
        await Refused(here, "kubectl create --validate=false -f -", "apiVersion: v1\nkind: Pod\nmetadata: {name: empty}\nspec: {}\n",
            "The Pod \"empty\" is invalid: spec.containers: Required value");
        await Refused(here, "kubectl create --validate=false -f -", "apiVersion: v1\nkind: Service\nmetadata: {name: empty}\nspec: {selector: {a: b}}\n",
            "The Service \"empty\" is invalid: spec.ports: Required value");
        Assert.Empty(await here.Run("kubectl get pods,svc -o name"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_second_object_of_the_same_name_is_refused(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create -f ./nginxsvc.yaml");
        await here.Run("kubectl wait --for=condition=Programmed svc/nginxsvc"); // the last that is written to it
        var before = await here.Field("svc nginxsvc", ".metadata.resourceVersion");
        await Refused(here, "kubectl create -f ./nginxsvc.yaml", null, "services \"nginxsvc\" already exists");
        Assert.Equal(before, await here.Field("svc nginxsvc", ".metadata.resourceVersion"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task A_stale_resourceVersion_is_a_conflict(string kubectl) => InNamespace(async here =>
    {
        await here.Run("kubectl create configmap stale --from-literal=a=1");
        await here.Run("kubectl get configmap stale -o yaml >$HOME/stale.yaml && kubectl label configmap stale changed=yes");
        await Refused(here, "kubectl replace -f $HOME/stale.yaml", null, "the object has been modified; please apply your changes to the latest version and try again");
        Assert.Equal("yes", await here.Field("configmap stale", ".metadata.labels.changed"));
    }, kubectl);

    [Theory, MemberData(nameof(BothKubectls))]
    public Task Broken_YAML_and_broken_JSON_create_nothing(string kubectl) => InNamespace(async here =>
    {
        await Refused(here, "kubectl create -f -", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken\n", "error");
        await Refused(here, "kubectl create -f -", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"broken\"", "error");
        Assert.DoesNotContain("broken", await here.Run("kubectl get configmaps -o name"), StringComparison.Ordinal);
    }, kubectl);

    private static async Task Refused(NamespacedTest here, string line, string? input, string complaint)
    {
        var result = await here.Kubectl.TryRun(line, input);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(complaint, result.Error, StringComparison.Ordinal);
    }
}
