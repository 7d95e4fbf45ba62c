using System.Text;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Volumes;
using Xunit;

namespace UnitTests.Volumes;

public sealed class VolumeFilesTests
{
    private static readonly Secret Secret = new() { Data = new Dictionary<string, byte[]> { ["user"] = "root"u8.ToArray(), ["password"] = [0, 255] } };
    private static readonly ConfigMap Map = new()
    {
        Data = new Dictionary<string, string> { ["text"] = "grüß" }, BinaryData = new Dictionary<string, byte[]> { ["bytes"] = [1, 2] },
    };

    [Fact]
    public void Without_items_every_key_is_a_file_with_the_default_mode()
    {
        var files = KeyFiles.Of(Secret, "s", null, 0b100_000_000, optional: false);
        Assert.Equal(["password", "user"], files.Keys.Order());
        Assert.All(files.Values, file => Assert.Equal(0b100_000_000, file.Mode));
        Assert.Equal([0, 255], files["password"].Data);
        var ofMap = KeyFiles.Of(Map, "m", [], 0b110_100_100, optional: false);
        Assert.Equal("grüß", Encoding.UTF8.GetString(ofMap["text"].Data));
        Assert.Equal([1, 2], ofMap["bytes"].Data);
    }

    [Fact]
    public void Items_choose_keys_and_give_them_paths_and_modes()
    {
        var files = KeyFiles.Of(Secret, "s", [new KeyToPath { Key = "user", Path = "a/b", Mode = 0b100_100_100 }, new KeyToPath { Key = "password", Path = "p" }], 0b110_000_000, optional: false);
        Assert.Equal(["a/b", "p"], files.Keys.Order());
        Assert.Equal((0b100_100_100, 0b110_000_000), (files["a/b"].Mode, files["p"].Mode));
    }

    [Fact]
    public void What_is_missing_is_named_in_the_kubelets_words_unless_it_is_optional()
    {
        Assert.Equal("secret \"s\" not found", Fault(() => KeyFiles.Of((Secret?)null, "s", null, 0, false)));
        Assert.Equal("configmap \"m\" not found", Fault(() => KeyFiles.Of((ConfigMap?)null, "m", null, 0, false)));
        KeyToPath[] items = [new KeyToPath { Key = "user", Path = "u" }, new KeyToPath { Key = "k", Path = "k" }];
        Assert.Equal("references non-existent secret key: k", Fault(() => KeyFiles.Of(Secret, "s", items, 0, false)));
        Assert.Equal("configmap references non-existent config key: user", Fault(() => KeyFiles.Of(Map, "m", items, 0, false)));
        Assert.Empty(KeyFiles.Of((Secret?)null, "s", items, 0, optional: true));
        Assert.Equal(["u"], KeyFiles.Of(Secret, "s", items, 0, optional: true).Keys);
    }

    [Theory]
    [InlineData(3607, 2885.6)]
    [InlineData(600, 480)]
    [InlineData(31536000, 86400)]
    public void A_token_is_replaced_after_four_fifths_of_its_life_or_a_day(long life, double after)
    {
        var now = DateTime.UtcNow;
        Assert.Equal(now.AddSeconds(after), PodTokens.RefreshAt(now, now.AddSeconds(life), TimeSpan.Zero), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_token_belongs_to_the_user_that_all_containers_run_as()
    {
        Container As(long? user) => new() { SecurityContext = new SecurityContext { RunAsUser = user } };
        Assert.Equal(7, VolumeContents.CommonUser(new PodSpec { Containers = [As(7), As(7)] }));
        Assert.Null(VolumeContents.CommonUser(new PodSpec { Containers = [As(7), As(8)] }));
        Assert.Null(VolumeContents.CommonUser(new PodSpec { Containers = [As(7)], InitContainers = [As(null)] }));
        Assert.Equal(5, VolumeContents.CommonUser(new PodSpec { Containers = [As(null), As(5)], SecurityContext = new PodSecurityContext { RunAsUser = 5 } }));
    }

    [Fact]
    public void A_directory_in_memory_is_bounded_by_the_least_of_its_limit_the_pods_and_the_nodes()
    {
        var node = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("1Gi") };
        Container Limited(string? limit) => new() { Resources = limit is null ? null : new ResourceRequirements { Limits = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse(limit) } } };
        long Size(string? limit, params Container[] containers) =>
            MemorySize.Of(new PodSpec { Containers = containers }, new EmptyDirVolumeSource { Medium = "Memory", SizeLimit = limit is null ? null : Quantity.Parse(limit) }, node);
        Assert.Equal(1L << 30, Size(null, Limited(null)));
        Assert.Equal(1L << 30, Size(null, Limited("64Mi"), Limited(null)));
        Assert.Equal(96L << 20, Size(null, Limited("64Mi"), Limited("32Mi")));
        Assert.Equal(16L << 20, Size("16Mi", Limited("64Mi")));
        Assert.Equal(64L << 20, Size("128Mi", Limited("64Mi")));
    }

    private static string Fault(Action action) => Assert.Throws<VolumeException>(action).Message;
}
