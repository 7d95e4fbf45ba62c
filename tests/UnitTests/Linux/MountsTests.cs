using Linux;

namespace UnitTests.Linux;

public class MountsTests
{
    [Theory]
    [InlineData("36 35 98:0 / /mnt rw,noatime shared:1 - ext4 /dev/root rw", "/mnt", "/", "ext4", "/dev/root", true)]
    [InlineData("36 35 0:4 net:[4026532177] /run/a/ns/net rw master:3 - nsfs nsfs rw", "/run/a/ns/net", "net:[4026532177]", "nsfs", "nsfs", false)]
    [InlineData("36 35 0:20 / /with\\040space\\134 rw - tmpfs none rw", "/with space\\", "/", "tmpfs", "none", false)]
    public void A_line_of_mountinfo_is_read(string line, string target, string root, string type, string source, bool shared) =>
        Assert.Equal(new Mount(target, root, type, source, shared), Mounts.Parse(line));
}
