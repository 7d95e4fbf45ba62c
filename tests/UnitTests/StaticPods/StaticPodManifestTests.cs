using System.Text;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.StaticPods;

namespace UnitTests.StaticPods;

public sealed class StaticPodManifestTests
{
    private const string Web = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, labels: {app: web}, uid: ignored, annotations: {a: b}}
        spec:
          containers:
          - {name: web, image: "nginx:1", ports: [{containerPort: 80}]}
        """;

    [Fact]
    public void A_file_makes_a_pod_named_after_its_node_with_a_hash_for_a_uid_and_all_defaults()
    {
        var pod = Read(Web);
        Assert.Equal(("web-node1", "default"), (pod.Name, pod.Namespace));
        Assert.Matches("^[0-9a-f]{32}$", pod.Metadata.Uid);
        Assert.True(StaticPodManifest.IsStatic(pod));
        Assert.Equal(pod.Metadata.Uid, pod.Metadata.Annotations!["kubernetes.io/config.hash"]);
        Assert.Equal("file", pod.Metadata.Annotations["kubernetes.io/config.source"]);
        Assert.Equal("b", pod.Metadata.Annotations["a"]);
        Assert.Equal(("node1", "Always", 30L, "ClusterFirst"), (pod.Spec!.NodeName, pod.Spec.RestartPolicy, pod.Spec.TerminationGracePeriodSeconds, pod.Spec.DnsPolicy));
        Assert.Equal(("IfNotPresent", "TCP"), (pod.Spec.Containers[0].ImagePullPolicy, pod.Spec.Containers[0].Ports![0].Protocol));
        Assert.Contains(pod.Spec.Tolerations!, toleration => toleration is { Operator: "Exists", Effect: "NoExecute", Key: null });
        Assert.Equal(("Pending", "BestEffort"), (pod.Status!.Phase, pod.Status.QosClass));
    }

    [Fact]
    public void The_uid_is_the_same_as_long_as_file_content_and_node_are()
    {
        var uid = Read(Web).Metadata.Uid;
        Assert.Equal(uid, Read(Web + "\n# a comment").Metadata.Uid);
        Assert.NotEqual(uid, Read(Web.Replace("nginx:1", "nginx:2")).Metadata.Uid);
        Assert.NotEqual(uid, StaticPodManifest.Read("/m/other.yaml", Encoding.UTF8.GetBytes(Web), "node1").Metadata.Uid);
        Assert.NotEqual(uid, StaticPodManifest.Read("/m/web.yaml", Encoding.UTF8.GetBytes(Web), "node2").Metadata.Uid);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("a: [", "error converting YAML to JSON")]
    [InlineData("\xff", "spec")]
    [InlineData("kind: Service\napiVersion: v1", "kind Service; v1 and Pod are expected")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {}", "metadata.name: Required value")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: ../x}", "metadata.name: Invalid value")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x, namespace: a/b}", "metadata.namespace: Invalid value")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}", "spec.containers: Required value")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: [{name: ../c, image: i}]}", "lowercase RFC 1123 label")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: [{name: c}]}", "image: Required value")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i}, {name: c, image: i}]}", "Duplicate value: \"c\"")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: {name: c}}", "")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {serviceAccountName: s, containers: [{name: c, image: i}]}", "static pods may not reference serviceaccounts")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {imagePullSecrets: [{name: s}], containers: [{name: c, image: i}]}", "static pods may not reference secrets")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: [{name: c, image: i, envFrom: [{configMapRef: {name: s}}]}]}", "static pods may not reference configmaps")]
    [InlineData("kind: Pod\napiVersion: v1\nmetadata: {name: x, annotations: {kubernetes.io/config.mirror: x}}\nspec: {containers: [{name: c, image: i, envFrom: [{secretRef: {name: s}}]}]}", "mirror")]
    public void What_makes_no_pod_is_told_why(string content, string why)
    {
        var error = Assert.Throws<FormatException>(() => StaticPodManifest.Read("/m/x.yaml", content == "\xff" ? [0xff] : Encoding.UTF8.GetBytes(content), "node1"));
        if (why != "spec") Assert.Contains(why, error.Message);
    }

    [Fact]
    public void The_API_shows_each_static_pod_once_and_what_stands_for_nothing_goes()
    {
        var node = new Node { Metadata = new ObjectMeta { Name = "node1", Uid = "n1" } };
        var pod = Read(Web);
        var mirror = Assert.Single(MirrorPlan.Of([pod], [], node).Create);
        Assert.Equal(pod.Metadata.Uid, mirror.Metadata.Annotations![PodReferences.MirrorAnnotation]);
        Assert.Null(mirror.Metadata.Uid);
        Assert.Equal(("Node", "node1", "n1", true), (mirror.Metadata.OwnerReferences![0].Kind, mirror.Metadata.OwnerReferences[0].Name, mirror.Metadata.OwnerReferences[0].Uid, mirror.Metadata.OwnerReferences[0].Controller));
        Pod There(Pod of, DateTime? deleted = null) => of with { Metadata = of.Metadata with { Uid = "a-b-c", DeletionTimestamp = deleted } };

        void Expect(int create, int delete, Pod[] statics, params Pod[] known)
        {
            var plan = MirrorPlan.Of(statics, known, node);
            Assert.Equal((create, delete), (plan.Create.Count, plan.Delete.Count));
        }
        Expect(0, 0, [pod], There(mirror));
        Expect(0, 1, [pod], There(mirror, DateTime.UtcNow));
        Expect(0, 1, [], There(mirror));
        Expect(0, 1, [Read(Web.Replace("nginx:1", "nginx:2"))], There(mirror));
        Expect(0, 0, [], There(mirror with { Metadata = mirror.Metadata with { Annotations = null } }));
        Expect(0, 0, [pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTime.UtcNow } }], There(mirror));
        Expect(0, 0, [pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTime.UtcNow } }]);
    }

    [Fact]
    public void A_folder_has_a_pod_a_file_and_a_file_that_turns_bad_changes_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("manifests-").FullName;
        var told = new List<(string Path, string Problem)>();
        try
        {
            var folder = new StaticPodFolder(directory, "node1", (path, problem) => told.Add((path, problem)));
            Assert.Empty(new StaticPodFolder($"{directory}/absent", "node1", (_, _) => { }).Read());
            File.WriteAllText($"{directory}/web.yaml", Web);
            File.WriteAllText($"{directory}/.web.yaml.swp", "editor");
            File.WriteAllText($"{directory}/z-again.yaml", Web);
            Directory.CreateDirectory($"{directory}/folder");
            File.CreateSymbolicLink($"{directory}/nowhere.yaml", "/nowhere/at/all");
            var pod = Assert.Single(folder.Read());
            Assert.Equal([($"{directory}/z-again.yaml", $"pod default/web-node1 is made by {directory}/web.yaml already")], told);
            File.WriteAllText($"{directory}/web.yaml", Web[..^20] + "[");
            Assert.Equal(pod.Metadata.Uid, folder.Read()[0].Metadata.Uid);
            folder.Read();
            Assert.Equal(2, told.Count);
            File.Delete($"{directory}/z-again.yaml");
            for (var i = 0; i < 3; i++) Assert.Equal(pod.Metadata.Uid, Assert.Single(folder.Read()).Metadata.Uid);
            Assert.Equal(2, told.Count);
            File.Delete($"{directory}/web.yaml");
            Assert.Empty(folder.Read());
        }
        finally { Directory.Delete(directory, recursive: true); }
    }

    private static Pod Read(string content) => StaticPodManifest.Read("/m/web.yaml", Encoding.UTF8.GetBytes(content), "node1");
}
