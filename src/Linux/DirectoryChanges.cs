using System.Runtime.InteropServices;

namespace Linux;

/// <summary>
/// Tells that something in a directory was written, made, renamed or removed. One inotify instance and one thread for all
/// who watch: a user may have 128 instances on the whole machine, and FileSystemWatcher takes one and a thread each.
/// </summary>
public static class DirectoryChanges
{
    private const uint Mask = LibC.IN_MODIFY | LibC.IN_CREATE | LibC.IN_MOVED_TO | LibC.IN_MOVED_FROM | LibC.IN_DELETE | LibC.IN_DELETE_SELF | LibC.IN_ONLYDIR;

    private static readonly Lock State = new();
    private static readonly Dictionary<int, List<Action>> Watchers = [];
    private static int descriptor = -1;

    /// <param name="changed">Is called on a thread that all share: it must only note the news.</param>
    /// <returns>Ends the watch; null where the kernel has no more watches or there is no such directory: look from time to time.</returns>
    public static IDisposable? Watch(string directory, Action changed)
    {
        lock (State)
        {
            if (descriptor < 0 && !Start()) return null;
            var watch = LibC.inotify_add_watch(descriptor, directory, Mask);
            if (watch < 0) return null;
            if (!Watchers.TryGetValue(watch, out var actions)) Watchers[watch] = actions = [];
            actions.Add(changed);
            return new Subscription(watch, changed);
        }
    }

    private static bool Start()
    {
        var opened = LibC.inotify_init1(LibC.IN_CLOEXEC);
        if (opened < 0) return false;
        descriptor = opened;
        new Thread(() => Listen(opened)) { IsBackground = true, Name = "inotify" }.Start();
        return true;
    }

    private static unsafe void Listen(int inotify)
    {
        const int size = 32 * 1024;
        var buffer = (byte*)NativeMemory.Alloc(size);
        var changed = new HashSet<int>();
        while (true)
        {
            var count = LibC.read(inotify, buffer, size);
            if (count < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR) continue;
            if (count <= 0) return;
            changed.Clear();
            for (nint at = 0; at < count;)
            {
                var change = (LibC.inotify_event*)(buffer + at);
                changed.Add(change->wd); // -1 where the queue ran over
                at += sizeof(LibC.inotify_event) + (nint)change->len;
            }
            foreach (var action in Concerned(changed)) action();
        }
    }

    private static List<Action> Concerned(HashSet<int> changed)
    {
        lock (State) return [.. Watchers.Where(entry => changed.Contains(-1) || changed.Contains(entry.Key)).SelectMany(entry => entry.Value)];
    }

    private sealed class Subscription(int watch, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (State)
            {
                if (!Watchers.TryGetValue(watch, out var actions) || !actions.Remove(changed) || actions.Count > 0) return;
                Watchers.Remove(watch);
                LibC.inotify_rm_watch(descriptor, watch); // fails where the directory is gone: the kernel has ended the watch itself
            }
        }
    }
}
