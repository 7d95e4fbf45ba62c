using System.CommandLine;
using System.Security.Cryptography;
using ControlPlane.Backups;
using ControlPlane.Store;

namespace ControlPlane;

/// <summary><c>controlplane backup FILE</c>, also of a running control plane, and <c>controlplane restore FILE</c>, of a stopped one.</summary>
internal static class BackupCommand
{
    private static readonly Argument<FileInfo> Archive = new("FILE") { Description = "The backup; it holds the cluster's private keys, so keep it as you keep those" };

    public static Command CreateBackup(Option<DirectoryInfo> dataDirectory)
    {
        var force = new Option<bool>("--force") { Description = "Replaces a FILE that is there" };
        var command = new Command("backup", "Writes the whole cluster into a file: objects, certificates and keys; the control plane may run meanwhile") { Archive, dataDirectory, force };
        command.SetAction(parsed => Attempt(() =>
        {
            var target = parsed.GetValue(Archive)!.FullName;
            var manifest = Backup.Write(new StoreFiles(parsed.GetValue(dataDirectory)!.FullName), target, parsed.GetValue(force));
            Console.WriteLine($"{target}: {manifest.Objects} objects at revision {manifest.Revision}, with the cluster's private keys: whoever can read it can read every Secret and act as anyone");
        }));
        return command;
    }

    public static Command CreateRestore(Option<DirectoryInfo> dataDirectory)
    {
        var force = new Option<bool>("--force") { Description = "Puts the backup in the place of a cluster that is there; its files are kept beside" };
        var command = new Command("restore", "Brings a cluster back from a file; the control plane must be stopped") { Archive, dataDirectory, force };
        command.SetAction(parsed => Attempt(() =>
        {
            var files = new StoreFiles(parsed.GetValue(dataDirectory)!.FullName);
            var (manifest, replaced) = Restore.Run(files, parsed.GetValue(Archive)!.FullName, parsed.GetValue(force));
            Console.WriteLine($"{files.Directory} is as it was on {manifest.Created:yyyy-MM-dd HH:mm:ss} UTC: {manifest.Objects} objects");
            if (replaced is not null) Console.WriteLine($"what was there before is in {replaced}: delete it when you need it no more, it holds keys too");
        }));
        return command;
    }

    private static int Attempt(Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or CryptographicException or StoreDamagedException)
        {
            Console.Error.WriteLine($"controlplane: {e.Message}");
            return 1;
        }
    }
}
