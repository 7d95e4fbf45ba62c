using KubeApi.Objects;
using Linux;

namespace NodeAgent.Volumes;

/// <summary>hostPath volumes: is there what hostPath.type asks for (kubelet, pkg/volume/hostpath checkType)?</summary>
internal static class HostPaths
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101, PlainMode = (UnixFileMode)0b110_100_100;

    /// <summary>Makes what may be made. An empty type stands for whatever is there, and a directory where nothing is.</summary>
    /// <exception cref="VolumeException">It is something else.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Prepare(HostPathVolumeSource host)
    {
        var kind = Kind(host.Path);
        if (kind == 0 && host.Type is null or "" or "DirectoryOrCreate") Directory.CreateDirectory(host.Path, DirectoryMode);
        else if (kind == 0 && host.Type == "FileOrCreate") CreateFile(host.Path);
        else if (Expected(host.Type) is var (format, noun) && kind != format) throw new VolumeException($"hostPath type check failed: {host.Path} is not a {noun}");
    }

    private static (int, string)? Expected(string? type) => type switch
    {
        null or "" => null,
        "Directory" or "DirectoryOrCreate" => (LibC.S_IFDIR, "directory"),
        "File" or "FileOrCreate" => (LibC.S_IFREG, "file"),
        "Socket" => (LibC.S_IFSOCK, "socket file"),
        "CharDevice" => (LibC.S_IFCHR, "character device"),
        "BlockDevice" => (LibC.S_IFBLK, "block device"),
        _ => throw new VolumeException($"{type} is an invalid volume type"),
    };

    /// <summary>The file type bits of what a path leads to; 0 where there is nothing.</summary>
    private static int Kind(string path)
    {
        var result = LibC.GetStatx(LibC.AT_FDCWD, path, 0, LibC.STATX_BASIC_STATS, out var status);
        return result == 0 ? status.stx_mode & LibC.S_IFMT : 0;
    }

    private static void CreateFile(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = PlainMode });
    }
}
