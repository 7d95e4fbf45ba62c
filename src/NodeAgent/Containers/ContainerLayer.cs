using Linux;

namespace NodeAgent.Containers;

/// <summary>A container's root file system: its own writable layer over the unpacked image (kernel, overlayfs.rst).</summary>
internal static class ContainerLayer
{
    /// <param name="layer">Gets the writable layer; on a disk file system, not itself an overlay.</param>
    /// <param name="target">Where the whole appears.</param>
    public static void Mount(string rootfs, string layer, string target)
    {
        var (upper, work) = (Path.Combine(layer, "upper"), Path.Combine(layer, "work"));
        foreach (var directory in new[] { upper, work, target }) Directory.CreateDirectory(directory);
        // The root directory's own mode and owner come from the upper layer.
        File.SetUnixFileMode(upper, File.GetUnixFileMode(rootfs));
        Mounts.Add("overlay", target, "overlay", 0, $"lowerdir={Escape(rootfs)},upperdir={Escape(upper)},workdir={Escape(work)}");
    }

    public static void Remove(string layer, string target)
    {
        Mounts.Remove(target);
        DirectoryTree.Delete(layer);
    }

    private static string Escape(string path) => path.Replace("\\", "\\\\").Replace(":", "\\:").Replace(",", "\\,");
}
