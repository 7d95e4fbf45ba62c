using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;
using UnitTests.Kubelet;
using ContainerUser = NodeAgent.Containers.ContainerUser;

namespace UnitTests.Containers;

public class ContainerUserTests
{
    private const string Passwd = "root:x:0:0::/:/bin/sh\nnginx:x:101:102::/:/bin/false\nbroken:x:abc:1::/:\nshort\n";
    private const string Groups = "root:x:0:\nadm:x:4:nginx,root\nwww:x:33:nginx\nbad:x:q:nginx\n";

    private static OciUser User(string image, SecurityContext? context = null, PodSecurityContext? podContext = null)
    {
        var pod = Pods.Of("Always", "c");
        return ContainerUser.Of(pod with { Spec = pod.Spec! with { SecurityContext = podContext } }, new Container { Name = "c", SecurityContext = context }, image, Passwd, Groups);
    }

    [Theory]
    [InlineData("", 0, 0, "0 4")]
    [InlineData("nginx", 101, 102, "102 4 33")]
    [InlineData("101", 101, 102, "102 4 33")]
    [InlineData("7", 7, 0, "0")]
    [InlineData("nginx:adm", 101, 4, "4 33")]
    [InlineData("5:6", 5, 6, "6")]
    public void The_images_user_is_found_by_name_or_number_with_its_groups(string user, long uid, long gid, string groups)
    {
        var found = User(user);
        Assert.Equal((uid, gid, groups), (found.Uid, found.Gid, string.Join(' ', found.AdditionalGids!)));
    }

    [Fact]
    public void The_container_overrides_the_pod_and_the_pod_the_image()
    {
        var pod = new PodSecurityContext { RunAsUser = 7, RunAsGroup = 8, SupplementalGroups = [50], FsGroup = 60 };
        Assert.Equal((7, 8), (User("nginx", podContext: pod).Uid, User("nginx", podContext: pod).Gid));
        Assert.Equal((9, 8), (User("nginx", new SecurityContext { RunAsUser = 9 }, pod).Uid, User("nginx", new SecurityContext { RunAsUser = 9 }, pod).Gid));
        Assert.Equal([8, 60, 50], User("nginx", podContext: pod).AdditionalGids!);
    }

    [Fact]
    public void Strict_leaves_out_the_groups_of_the_image()
    {
        Assert.Equal([102, 4, 33, 50], User("nginx", podContext: new PodSecurityContext { SupplementalGroups = [50] }).AdditionalGids!);
        Assert.Equal([102, 50], User("nginx", podContext: new PodSecurityContext { SupplementalGroups = [50], SupplementalGroupsPolicy = "Strict" }).AdditionalGids!);
    }

    [Theory]
    [InlineData("", null, "container has runAsNonRoot and image will run as root (pod: \"p_default(u1)\", container: c)")]
    [InlineData("0:5", null, "container has runAsNonRoot and image will run as root (pod: \"p_default(u1)\", container: c)")]
    [InlineData("nginx", null, "container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root (pod: \"p_default(u1)\", container: c)")]
    [InlineData("nginx", 0, "container's runAsUser breaks non-root policy (pod: \"p_default(u1)\", container: c)")]
    public void RunAsNonRoot_is_refused_in_Kubernetes_words(string image, int? asked, string message)
    {
        var error = Assert.Throws<ContainerConfigException>(() => User(image, new SecurityContext { RunAsNonRoot = true, RunAsUser = asked }));
        Assert.Equal((message, "CreateContainerConfigError"), (error.Message, error.Reason));
        Assert.Equal(5, User("", new SecurityContext { RunAsNonRoot = true, RunAsUser = 5 }).Uid);
    }

    [Theory]
    [InlineData("nobody", "unable to find user nobody: no matching entries in passwd file")]
    [InlineData("broken", "unable to find user broken: no matching entries in passwd file")]
    [InlineData("0:staff", "unable to find group staff: no matching entries in group file")]
    [InlineData("4294967296", "unable to find user 4294967296: no matching entries in passwd file")]
    public void A_user_that_the_image_does_not_have_is_named(string user, string message)
    {
        var error = Assert.Throws<ContainerConfigException>(() => User(user));
        Assert.Equal((message, "CreateContainerError"), (error.Message, error.Reason));
    }

    [Fact]
    public void A_link_in_the_image_leads_to_no_file_outside_of_it()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(Path.Combine(directory.Path, "outside"));
        Directory.CreateDirectory(Path.Combine(directory.Path, "root/usr/etc"));
        File.WriteAllText(Path.Combine(directory.Path, "outside/passwd"), "evil:x:666:666::/:\n");
        File.WriteAllText(Path.Combine(directory.Path, "root/usr/etc/passwd"), "good:x:7:8::/:\n");
        var (root, etc) = (Path.Combine(directory.Path, "root"), Path.Combine(directory.Path, "root/etc"));
        Directory.CreateSymbolicLink(etc, "../outside");
        Assert.Throws<ContainerConfigException>(() => ContainerUser.Of(Pods.Of("Always", "c"), new Container { Name = "c" }, "evil", root));
        Directory.Delete(etc);
        Directory.CreateSymbolicLink(etc, "/usr/etc"); // as distributions do: absolute within the image
        Assert.Equal((7, 8), (ContainerUser.Of(Pods.Of("Always", "c"), new Container { Name = "c" }, "good", root).Uid, 8));
    }
}
