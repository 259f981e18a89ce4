<?php

declare(strict_types=1);

namespace Revurb\Output;

use Revurb\Server\Line;
use Revurb\System\Clock;

/**
 * Lines of the server's stdout that are not in the contract of docs/bridge.md. Plain text, such as that of a script that starts Bun, is
 * shown. Text that looks like JSON may be a part of a server line that was cut when its process was killed, and may contain signatures or
 * messages of users: it is counted and not shown.
 */
final readonly class UnexpectedOutput
{
    private ThrottledReport $unreadable;

    private ThrottledReport $tooLong;

    public function __construct(
        private Display $display,
        Clock $clock,
    ) {
        $this->unreadable = new ThrottledReport($clock, static fn (int $count) => $display->warn("Lines that the server wrote to stdout cannot be read ({$count}): it was killed while it wrote one, or dist/revurb.js is of another version than the PHP classes. They are not shown, since they may hold secrets.", 'server-output-unreadable', ['count' => $count]));
        $this->tooLong = new ThrottledReport($clock, static fn (int $count) => $display->warn("Lines that the server wrote to stdout are longer than 256 KiB and were skipped ({$count}).", 'server-output-too-long', ['count' => $count]));
    }

    public function add(Line $line): void
    {
        if ($line->isTooLong) {
            $this->tooLong->add();
        } elseif (strpbrk($line->text, '{["') !== false) {
            $this->unreadable->add();
        } else {
            $this->display->passThrough($line);
        }
    }

    public function tick(): void
    {
        $this->unreadable->tick();
        $this->tooLong->tick();
    }

    public function end(): void
    {
        $this->unreadable->end();
        $this->tooLong->end();
    }
}
