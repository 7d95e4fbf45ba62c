using System.Text;
using KubeApi.Objects;
using NodeAgent.Images;

namespace UnitTests.Images;

public sealed class RegistryCredentialTests
{
    [Fact]
    public void Both_forms_of_a_pull_secret_are_read()
    {
        var auth = Convert.ToBase64String("alice:s3:cret"u8);
        var only = Assert.Single(RegistryCredential.Of(Secret("kubernetes.io/dockerconfigjson", $$$"""{"auths":{"https://quay.io/v1/":{"auth":"{{{auth}}}"}},"credsStore":"x"}""")));
        Assert.Equal(("quay.io", "alice", "s3:cret", "team/pull/u1"), (only.Key, only.User, only.Password, only.Secret));
        only = Assert.Single(RegistryCredential.Of(Secret("kubernetes.io/dockercfg", """{"quay.io":{"username":"bob","password":"p","email":"e"}}""")));
        Assert.Equal(("bob", "p"), (only.User, only.Password));
        Assert.Empty(RegistryCredential.Of(Secret("Opaque", "{}")));
        Assert.DoesNotContain("p}", only.ToString().Replace(only.Key, ""));
    }

    [Theory]
    [InlineData("not json: s3cret")]
    [InlineData("""{"auth":{}}""")]
    [InlineData("""{"auths":{"quay.io":{"auth":"s3cret!"}}}""")]
    [InlineData("""{"auths":{"quay.io":{"auth":"czNjcmV0"}}}""")]
    [InlineData("""{"auths":["s3cret"]}""")]
    public void One_that_cannot_be_read_is_named_and_not_quoted(string content)
    {
        var error = Assert.Throws<FormatException>(() => RegistryCredential.Of(Secret("kubernetes.io/dockerconfigjson", content)));
        Assert.Contains("secret team/pull", error.Message);
        Assert.DoesNotContain("s3cret", error.Message);
    }

    [Theory]
    [InlineData("quay.io", "quay.io/team/app", true)]
    [InlineData("quay.io", "quay.io:443/team/app", false)]
    [InlineData("quay.io:5000", "quay.io:5000/team/app", true)]
    [InlineData("quay.io/team", "quay.io/team/app", true)]
    [InlineData("quay.io/team", "quay.io/other/app", false)]
    [InlineData("*.example.com", "registry.example.com/app", true)]
    [InlineData("*.example.com", "a.registry.example.com/app", false)]
    [InlineData("*.com", "registry.example.com/app", false)]
    [InlineData("reg*.example.com", "registry.example.com/app", true)]
    [InlineData("reg[a-z]stry.example.com", "registry.example.com/app", true)]
    [InlineData("reg?.example.com", "registry.example.com/app", false)]
    [InlineData("https://index.docker.io/v1/", "nginx", true)]
    [InlineData("https://index.docker.io/v1/", "team/app:2", true)]
    [InlineData("https://index.docker.io/v1/", "quay.io/team/app", false)]
    [InlineData("docker.io", "nginx", true)]
    [InlineData("docker.io/library", "nginx", true)]
    [InlineData("http://localhost:5000/v2/", "localhost:5000/app", true)]
    [InlineData("[", "quay.io/app", false)]
    public void A_key_is_for_the_images_that_Kubernetes_says(string key, string image, bool matches) =>
        Assert.Equal(matches, RegistryKey.Matches(RegistryKey.Of(key), ImageName.Parse(image)));

    [Fact]
    public void The_most_specific_key_is_tried_first()
    {
        RegistryCredential[] all = [new("quay.io", "a", "", ""), new("quay.io/team/app", "b", "", ""), new("quay.io/team", "c", "", ""), new("other.io", "d", "", "")];
        Assert.Equal(["b", "c", "a"], RegistryKey.Matching(all, ImageName.Parse("quay.io/team/app:1")).Select(credential => credential.User));
    }

    [Fact]
    public void Skopeo_gets_the_password_in_a_file_that_only_root_may_read_and_that_is_gone_afterwards()
    {
        var directory = Directory.CreateTempSubdirectory("auth-").FullName;
        try
        {
            string file;
            using (var source = new RegistrySource(ImageName.Parse("quay.io/team/app"), new RegistryCredential("quay.io", "alice", "s3cret", "x"), $"{directory}/auth", $"{directory}/certs"))
            {
                Assert.Equal("--src-authfile", source.Source.Options[0]);
                Assert.DoesNotContain(source.Source.Options, word => word.Contains("s3cret"));
                file = source.Source.Options[1];
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode($"{directory}/auth"));
                Assert.Contains(Convert.ToBase64String("alice:s3cret"u8), File.ReadAllText(file));
            }
            Assert.False(File.Exists(file));
        }
        finally { Directory.Delete(directory, recursive: true); }
    }

    [Theory]
    [InlineData("localhost:5000/a", true)]
    [InlineData("127.0.0.9/a", true)]
    [InlineData("registry.example.com/a", false)]
    public void Only_registries_on_this_machine_may_be_without_TLS(string image, bool may)
    {
        using var source = new RegistrySource(ImageName.Parse(image), null, "/nowhere", "/nowhere");
        Assert.Equal(may, source.Source.Options.Contains("--src-tls-verify=false"));
    }

    private static Secret Secret(string type, string content) => new()
    {
        Metadata = new ObjectMeta { Namespace = "team", Name = "pull", Uid = "u1" }, Type = type,
        Data = new Dictionary<string, byte[]> { [type.EndsWith("json") ? ".dockerconfigjson" : ".dockercfg"] = Encoding.UTF8.GetBytes(content) },
    };
}
