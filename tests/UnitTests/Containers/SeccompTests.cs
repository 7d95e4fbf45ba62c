using System.Text.Json.Nodes;
using KubeApi.Objects;
using NodeAgent.Containers;
using UnitTests.Kubelet;

namespace UnitTests.Containers;

public class SeccompTests
{
    private const string Profile = """
        {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "archMap": [
           {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}, {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
         "syscalls": [
           {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {}},
           {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": null, "includes": {"caps": ["CAP_SYS_ADMIN"]}, "excludes": {}},
           {"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "errno": "EPERM", "includes": {}, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
           {"names": ["only_on_power"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["ppc64le"]}},
           {"names": ["future"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.0"}},
           {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22, "args": [{"index": 0, "value": 16, "valueTwo": 0, "op": "SCMP_CMP_EQ"}], "includes": {}, "excludes": {}}]}
        """;

    private static JsonNode? Of(TemporaryDirectory directory, SeccompProfile? profile, SecurityContext? context = null, bool confinesAll = false)
    {
        var file = Path.Combine(directory.Path, "default.json");
        File.WriteAllText(file, Profile);
        context = (context ?? new SecurityContext()) with { SeccompProfile = profile };
        return new SeccompProfiles(file, directory.Path, confinesAll).Of(Pods.Of("Always", "c"), new Container { Name = "c", SecurityContext = context }, ContainerPrivileges.Of(context));
    }

    private static string Rules(JsonNode? profile) => string.Join(' ', profile!["syscalls"]!.AsArray().Select(rule => $"{rule!["names"]![0]}:{rule["action"]}:{rule["errnoRet"]}"));

    [Fact]
    public void RuntimeDefault_has_the_rules_for_this_machine_and_the_containers_capabilities()
    {
        using var directory = new TemporaryDirectory();
        var profile = Of(directory, new SeccompProfile { Type = "RuntimeDefault" });
        Assert.Equal("read:SCMP_ACT_ALLOW: mount:SCMP_ACT_ERRNO:1 socket:SCMP_ACT_ERRNO:22", Rules(profile));
        Assert.Equal((38, 2), ((int)profile!["defaultErrnoRet"]!, profile["architectures"]!.AsArray().Count));
        Assert.Equal(16, (int)profile["syscalls"]![2]!["args"]![0]!["value"]!);
        profile = Of(directory, new SeccompProfile { Type = "RuntimeDefault" }, new SecurityContext { Capabilities = new Capabilities { Add = ["SYS_ADMIN"] } });
        Assert.Equal("read:SCMP_ACT_ALLOW: mount:SCMP_ACT_ALLOW: socket:SCMP_ACT_ERRNO:22", Rules(profile));
    }

    [Fact]
    public void Without_a_profile_the_nodes_default_holds_and_a_privileged_container_is_never_confined()
    {
        using var directory = new TemporaryDirectory();
        Assert.Null(Of(directory, null));
        Assert.NotNull(Of(directory, null, confinesAll: true));
        Assert.Null(Of(directory, new SeccompProfile { Type = "Unconfined" }, confinesAll: true));
        Assert.Null(Of(directory, new SeccompProfile { Type = "RuntimeDefault" }, new SecurityContext { Privileged = true }, confinesAll: true));
    }

    [Fact]
    public void A_local_profile_is_read_and_a_missing_or_damaged_one_named()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(Path.Combine(directory.Path, "mine.json"), """{"defaultAction": "SCMP_ACT_LOG"}""");
        File.WriteAllText(Path.Combine(directory.Path, "bad.json"), "{");
        Assert.Equal("SCMP_ACT_LOG", (string)Of(directory, new SeccompProfile { Type = "Localhost", LocalhostProfile = "mine.json" })!["defaultAction"]!);
        foreach (var (name, words) in new[] { ("none.json", "no such file"), ("bad.json", "decoding seccomp profile failed"), ("../../etc/passwd", "'..'"), ("/etc/passwd", "relative") })
            Assert.Contains(words, Assert.Throws<ContainerConfigException>(() => Of(directory, new SeccompProfile { Type = "Localhost", LocalhostProfile = name })).Message);
    }

    [Fact]
    public void A_missing_default_profile_names_its_package()
    {
        var error = Assert.Throws<ContainerConfigException>(() => SeccompSource.Read("/no/such.json"));
        Assert.Contains("golang-github-containers-common", error.Message);
    }
}
