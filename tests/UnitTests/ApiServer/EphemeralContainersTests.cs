using System.Text.Json.Nodes;
using Xunit;

namespace UnitTests.ApiServer;

/// <summary>pods/ephemeralcontainers, as kubectl debug uses it.</summary>
[Collection(nameof(ApiServer))]
public sealed class EphemeralContainersTests(TestServer server)
{
    private const string Strategic = "application/strategic-merge-patch+json";

    private async Task<string> Pod()
    {
        var path = $"/api/v1/namespaces/{await server.Namespace()}/pods";
        await server.Expect(201, HttpMethod.Post, path, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","emptyDir":{}}]}}""");
        return $"{path}/p";
    }

    private static string Add(string container) => """{"spec":{"ephemeralContainers":[CONTAINER]}}""".Replace("CONTAINER", container);

    [Fact]
    public async Task Containers_are_added_with_their_defaults_and_nothing_else_changes()
    {
        var pod = await Pod();
        await server.Expect(200, HttpMethod.Patch, $"{pod}/ephemeralcontainers", """{"metadata":{"labels":{"a":"b"}},"spec":{"activeDeadlineSeconds":5,"ephemeralContainers":[{"name":"e","image":"busybox","stdin":true,"targetContainerName":"c"}]}}""", Strategic);
        var stored = await server.Expect(200, HttpMethod.Get, $"{pod}/ephemeralcontainers");
        Assert.Equal("Pod", (string?)stored["kind"]);
        var container = stored["spec"]!["ephemeralContainers"]![0]!;
        Assert.Equal(("Always", "/dev/termination-log", "File"), ((string?)container["imagePullPolicy"], (string?)container["terminationMessagePath"], (string?)container["terminationMessagePolicy"]));
        Assert.Null(stored["spec"]!["activeDeadlineSeconds"]);
        Assert.Null(stored["metadata"]!["labels"]);
        Assert.Equal(2, (int)stored["metadata"]!["generation"]!);
        await server.Expect(200, HttpMethod.Patch, $"{pod}/ephemeralcontainers", Add("""{"name":"f","image":"busybox"}"""), Strategic);
        stored = await server.Expect(200, HttpMethod.Get, pod);
        Assert.Equal(["e", "f"], stored["spec"]!["ephemeralContainers"]!.AsArray().Select(entry => (string?)entry!["name"]));
    }

    [Fact]
    public async Task A_pod_that_has_one_is_changed_as_any_other()
    {
        var pod = await Pod();
        await server.Expect(200, HttpMethod.Patch, $"{pod}/ephemeralcontainers", Add("""{"name":"e","image":"busybox"}"""), Strategic);
        await server.Expect(200, HttpMethod.Patch, pod, """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"other"}]}}""", Strategic);
        var stored = await server.Expect(200, HttpMethod.Get, pod);
        Assert.Equal(("b", "other", "e"), ((string?)stored["metadata"]!["labels"]!["a"], (string?)stored["spec"]!["containers"]![0]!["image"], (string?)stored["spec"]!["ephemeralContainers"]![0]!["name"]));
        await server.Expect(200, HttpMethod.Put, pod, stored.ToJsonString());
        stored["spec"]!["ephemeralContainers"]![0]!["image"] = "another";
        var refusal = await server.Expect(422, HttpMethod.Put, pod, stored.ToJsonString());
        Assert.Contains("pod updates may not change fields other than", (string?)refusal["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_is_neither_changed_nor_removed()
    {
        var pod = await Pod();
        await server.Expect(200, HttpMethod.Patch, $"{pod}/ephemeralcontainers", Add("""{"name":"e","image":"busybox"}"""), Strategic);
        await server.Refused(422, "Invalid", "Pod \"p\" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be changed\n",
            HttpMethod.Patch, $"{pod}/ephemeralcontainers", Add("""{"name":"e","image":"other"}"""), Strategic);
        var stored = await server.Expect(200, HttpMethod.Get, pod);
        stored["spec"]!["ephemeralContainers"] = new JsonArray();
        await server.Refused(422, "Invalid", "Pod \"p\" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be removed\n",
            HttpMethod.Put, $"{pod}/ephemeralcontainers", stored.ToJsonString());
    }

    [Theory]
    [InlineData("""{"name":"c","image":"i"}""", "spec.ephemeralContainers[0].name: Duplicate value: \"c\"")]
    [InlineData("""{"name":"e"}""", "spec.ephemeralContainers[0].image: Required value")]
    [InlineData("""{"name":"e","image":"i","targetContainerName":"x"}""", "spec.ephemeralContainers[0].targetContainerName: Not found: \"x\"")]
    [InlineData("""{"name":"e","image":"i","ports":[{"containerPort":1}]}""", "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container")]
    [InlineData("""{"name":"e","image":"i","resources":{"limits":{"cpu":1}}}""", "spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container")]
    [InlineData("""{"name":"e","image":"i","livenessProbe":{"exec":{"command":["x"]}}}""", "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container")]
    [InlineData("""{"name":"e","image":"i","volumeMounts":[{"name":"v","mountPath":"/v","subPath":"s"}]}""", "spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container")]
    public async Task What_an_ephemeral_container_may_not_have_is_refused(string container, string problem) =>
        await server.Refused(422, "Invalid", $"Pod \"p\" is invalid: {problem}", HttpMethod.Patch, $"{await Pod()}/ephemeralcontainers", Add(container), Strategic);

    [Fact]
    public async Task The_pod_itself_does_not_take_them()
    {
        var pod = await Pod();
        var refusal = await server.Expect(422, HttpMethod.Patch, pod, Add("""{"name":"e","image":"i"}"""), Strategic);
        Assert.Contains("pod updates may not change fields other than", (string?)refusal["message"]);
    }
}
