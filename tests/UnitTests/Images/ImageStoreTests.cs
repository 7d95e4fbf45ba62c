using KubeApi;
using KubeApi.Objects;
using NodeAgent.Images;
using NodeAgent.Kubelet;

namespace UnitTests.Images;

public sealed class ImageStoreTests : IDisposable
{
    private static readonly string Manifest = new('1', 64), Config = new('2', 64);

    private readonly string directory = Directory.CreateTempSubdirectory("image-store-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task An_image_of_an_extra_store_is_used_from_where_it_lies()
    {
        Write("docker.io/library/nginx:latest");
        Directory.CreateDirectory($"{directory}/extra/unpacked/{Manifest}/rootfs");
        var image = await new ImageStore($"{directory}/own", [$"{directory}/extra"]).Find(ImageName.Parse("nginx"), CancellationToken.None);
        Assert.Equal($"{directory}/extra/unpacked/{Manifest}/rootfs", image!.RootFs);
        Assert.Equal(["nginx", "-g", "daemon off;"], image.Config.Cmd!);
        Assert.Equal("SIGQUIT", image.Config.StopSignal);
        Assert.False(Directory.Exists($"{directory}/own"));
    }

    [Fact]
    public async Task An_image_can_be_asked_for_by_its_digest()
    {
        Write("docker.io/library/nginx:latest");
        Directory.CreateDirectory($"{directory}/extra/unpacked/{Manifest}/rootfs");
        var store = new ImageStore($"{directory}/own", [$"{directory}/extra"]);
        Assert.NotNull(await store.Find(ImageName.Parse($"nginx@sha256:{Manifest}"), CancellationToken.None));
        Assert.Null(await store.Find(ImageName.Parse($"busybox@sha256:{Manifest}"), CancellationToken.None));
    }

    [Fact]
    public async Task An_unknown_image_is_not_found_and_a_damaged_index_is_named()
    {
        var store = new ImageStore($"{directory}/own", [$"{directory}/extra"]);
        Assert.Null(await store.Find(ImageName.Parse("nginx"), CancellationToken.None));
        Directory.CreateDirectory($"{directory}/extra/oci");
        File.WriteAllText($"{directory}/extra/oci/index.json", "{\"manifests\": [");
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => store.Find(ImageName.Parse("nginx"), CancellationToken.None));
        Assert.Contains($"{directory}/extra/oci/index.json", error.Message);
    }

    [Fact]
    public async Task Policy_Never_says_that_the_image_is_not_here()
    {
        var error = await Never("nginx");
        Assert.Equal("ErrImageNeverPull", error.Reason);
        Assert.Equal("Container image \"nginx\" is not present with pull policy of Never", error.Message);
        error = await Never("NGINX");
        Assert.Equal("InvalidImageName", error.Reason);
        Assert.Equal("Failed to apply default image tag \"NGINX\": couldn't parse image name \"NGINX\": invalid reference format: repository name (library/NGINX) must be lowercase", error.Message);
        Assert.EndsWith("invalid reference format", (await Never("nginx:a b")).Message);
    }

    private Task<ImagePullException> Never(string image)
    {
        var events = new KubeletEvents(new EventRecorder(new ApiClient(new Uri("http://127.0.0.1:1"), new SocketsHttpHandler(), "test"), _ => { }, "node1"));
        var puller = new ImagePuller(new ImageStore($"{directory}/own", []), PullSecrets.None, events, $"{directory}/auth");
        var pod = new Pod { Metadata = new ObjectMeta { Name = "p", Namespace = "default", Uid = "1" }, Spec = new PodSpec() };
        return Assert.ThrowsAsync<ImagePullException>(() =>
            puller.Get(pod, new Container { Name = "c", Image = image, ImagePullPolicy = "Never" }, CancellationToken.None));
    }

    private void Write(string name)
    {
        var blobs = $"{directory}/extra/oci/blobs/sha256";
        Directory.CreateDirectory(blobs);
        File.WriteAllText($"{directory}/extra/oci/index.json",
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{{{Manifest}}}","size":1,"annotations":{"org.opencontainers.image.ref.name":"{{{name}}}"}}]}""");
        File.WriteAllText($"{blobs}/{Manifest}", $$"""{"schemaVersion":2,"config":{"digest":"sha256:{{Config}}","size":1},"layers":[{"digest":"sha256:33","size":5}]}""");
        File.WriteAllText($"{blobs}/{Config}", """{"architecture":"amd64","config":{"Cmd":["nginx","-g","daemon off;"],"StopSignal":"SIGQUIT"}}""");
    }
}
