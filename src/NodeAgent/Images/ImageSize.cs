using System.Globalization;

namespace NodeAgent.Images;

/// <summary>How many bytes an unpacked image takes: counted once, when it is unpacked, and kept beside it (<c>unpacked/HEX/size</c>).</summary>
internal static class ImageSize
{
    /// <param name="image">The directory that has <c>rootfs</c>.</param>
    public static void Write(string image) => System.IO.File.WriteAllText(File(image), Count(image).ToString(CultureInfo.InvariantCulture));

    public static long Of(string image)
    {
        try { return long.Parse(System.IO.File.ReadAllText(File(image)), CultureInfo.InvariantCulture); }
        catch (Exception e) when (e is IOException or FormatException) { return Directory.Exists(image) ? Count(image) : 0; }
    }

    private static long Count(string image) =>
        new DirectoryInfo(image).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
            .Sum(file => file.Length);

    private static string File(string image) => Path.Combine(image, "size");
}
