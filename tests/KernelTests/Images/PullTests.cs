using KernelTests.Kubelet;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Images;

/// <summary>Pods whose images are in a real registry that asks for a password.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private TestNode node = null!;
    private RegistryServer registry = null!;

    public async Task InitializeAsync()
    {
        (node, registry) = (await TestNode.Create(), await RegistryServer.Start());
        node.Secrets["right"] = RegistryServer.Secret("right", registry.Host);
        node.Secrets["wrong"] = RegistryServer.Secret("wrong", registry.Host, "not it");
        node.Secrets["elsewhere"] = RegistryServer.Secret("elsewhere", "registry.example.com");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        await registry.DisposeAsync();
    }

    [Fact]
    public async Task A_pull_secret_opens_the_registry_also_when_others_are_tried_before()
    {
        await node.Running(Run("team/act:1", "elsewhere", "wrong", "absent", "right"));
        await Told("Pulling", $"Pulling image \"{registry.Host}/team/act:1\"");
        await Told("Pulled", $"Successfully pulled image \"{registry.Host}/team/act:1\" in [0-9.]+m?s \\([0-9.]+m?s including waiting\\)\\. Image size: [1-9][0-9]+ bytes\\.",
            (message, pattern) => System.Text.RegularExpressions.Regex.IsMatch(message, $"^{pattern}$"));
        await Told("FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (absent); attempting to pull the image may not succeed.");
        Assert.Empty(Directory.GetFiles(node.Paths.RegistryAuth));
        Assert.DoesNotContain(Directory.GetFiles(node.Paths.Images, "*.json", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(RegistryServer.Password));
        Assert.Empty(Directory.GetDirectories($"{node.Paths.Images}/work"));
    }

    [Fact]
    public async Task A_wrong_password_and_none_and_an_image_that_is_not_there_are_told_in_words()
    {
        var wrong = await Fails(Run("team/act:1", "wrong"), "ErrImagePull");
        Assert.StartsWith($"failed to pull and unpack image \"{registry.Host}/team/act:1\": failed to resolve reference \"{registry.Host}/team/act:1\": pull access denied", wrong.Message);
        Assert.Contains("unauthorized: authentication required", wrong.Message);
        Assert.Contains("pull access denied", (await Fails(Run("team/act:1"), "ErrImagePull")).Message);
        var missing = await Fails(Run("team/act:2", "right"), "ErrImagePull");
        Assert.StartsWith($"failed to pull and unpack image \"{registry.Host}/team/act:2\": failed to resolve reference \"{registry.Host}/team/act:2\": {registry.Host}/team/act:2: not found", missing.Message);
        await Told("Failed", $"Failed to pull image \"{registry.Host}/team/act:2\": {missing.Message}");
        await Told("Failed", "Error: ErrImagePull");
        Assert.Empty(Directory.GetFiles(node.Paths.RegistryAuth));
    }

    [Fact]
    public async Task A_failed_pull_backs_off_and_succeeds_once_the_image_is_there()
    {
        var name = Run("team/late:1", "right");
        var waiting = await Fails(name, "ImagePullBackOff");
        Assert.StartsWith($"Back-off pulling image \"{registry.Host}/team/late:1\": ErrImagePull: failed to pull", waiting.Message);
        await Told("BackOff", $"Back-off pulling image \"{registry.Host}/team/late:1\"");
        await Told("Failed", "Error: ImagePullBackOff");
        await registry.Push(TestImage.Name, "team/late:1");
        await node.Running(name);
    }

    [Fact]
    public async Task An_image_pulled_with_a_secret_is_not_given_to_pods_without_it()
    {
        await node.Running(Run("team/act:1", "right"));
        await Fails(Run("team/act:1"), "ErrImagePull");
        var never = await Fails(RunWith("Never", "team/act:1"), "ErrImageNeverPull");
        Assert.Contains("pulled with credentials that this pod does not have", never.Message);
        await node.Running(RunWith("Never", "team/act:1", "right"));
        await Told("Pulled", $"Container image \"{registry.Host}/team/act:1\" already present on machine");
    }

    [Fact]
    public async Task By_its_digest_an_image_is_the_one_that_was_asked_for()
    {
        var digest = (await CommandRunner.Run("skopeo", ["inspect", "--format", "{{.Digest}}", $"oci:{registry.Layout}:{TestImage.Name}"])).Trim();
        var pod = await node.Running(Run($"team/act@{digest}", "right"));
        Assert.EndsWith(digest, TestNode.Status(pod).ImageID);
        await node.Running(RunWith("Never", $"team/act@{digest}", "right"));
        await Fails(Run($"team/act@sha256:{new string('0', 64)}", "right"), "ErrImagePull");
    }

    [Fact]
    public async Task Many_pods_of_one_image_share_a_pull_and_a_pod_that_is_deleted_waits_for_none()
    {
        var pods = Enumerable.Range(0, 6).Select(_ => RunWith("Always", "team/act:1", "right")).ToList();
        node.Delete(pods[0], 0);
        await node.Gone(pods[0]);
        foreach (var pod in pods.Skip(1)) await node.Running(pod);
        Assert.Single(Directory.GetDirectories($"{node.Paths.Images}/unpacked"), directory => !Path.GetFileName(directory).StartsWith('.'));
    }

    private string Run(string image, params string[] secrets) => RunWith("IfNotPresent", image, secrets);

    private string RunWith(string policy, string image, params string[] secrets) => node.Run(["hold"],
        container: container => container with { Image = $"{registry.Host}/{image}", ImagePullPolicy = policy },
        spec: spec => spec with { ImagePullSecrets = [.. secrets.Select(name => new LocalObjectReference { Name = name })] });

    private async Task<ContainerStateWaiting> Fails(string name, string reason) =>
        TestNode.Status(await node.WaitFor(name, reason, pod => TestNode.Status(pod).State?.Waiting?.Reason == reason)).State!.Waiting!;

    /// <summary>Events go their own way and may come after the status.</summary>
    private Task Told(string reason, string message, Func<string, string, bool>? matches = null) => node.Until($"event {reason}: {message}",
        () => node.Api.Events.Any(item => item.Reason == reason && (matches ?? string.Equals)(item.Message ?? "", message)));
}
