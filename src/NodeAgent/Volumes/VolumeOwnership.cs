using KubeApi.Objects;
using Linux;

namespace NodeAgent.Volumes;

/// <summary>securityContext.fsGroup: the group of a volume's files, which may then read, and in a writable volume write them (kubelet, SetVolumeOwnership).</summary>
/// <param name="ReadOnly">The volume is read-only for containers.</param>
internal sealed record VolumeOwnership(long? FsGroup, bool ReadOnly)
{
    private const UnixFileMode GroupRead = UnixFileMode.GroupRead, GroupWrite = UnixFileMode.GroupWrite, ForDirectories = UnixFileMode.GroupExecute | UnixFileMode.SetGroup;

    /// <summary>The owner's and the group's bits alike, as the kubelet does it.</summary>
    private UnixFileMode Added => UnixFileMode.UserRead | GroupRead | (ReadOnly ? 0 : UnixFileMode.UserWrite | GroupWrite);

    public static VolumeOwnership Of(Pod pod, bool readOnly) => new(pod.Spec!.SecurityContext?.FsGroup, readOnly);

    public UnixFileMode OfFile(UnixFileMode mode) => FsGroup is null ? mode : mode | Added;

    /// <summary>New files in it get its group, by the setgid bit.</summary>
    public UnixFileMode OfDirectory(UnixFileMode mode) => FsGroup is null ? mode : mode | Added | UnixFileMode.UserExecute | ForDirectories;

    /// <exception cref="SystemCallException">As chown(2) says.</exception>
    public void Apply(string path, UnixFileMode mode, long? owner = null)
    {
        if (FsGroup is not null || owner is not null)
            LibC.Check(LibC.lchown(path, (uint?)owner ?? uint.MaxValue, (uint?)FsGroup ?? uint.MaxValue), $"chown {path}");
        File.SetUnixFileMode(path, mode); // after chown, which takes away setuid and setgid
    }
}
