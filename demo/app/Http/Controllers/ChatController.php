<?php

namespace App\Http\Controllers;

use App\Events\MessageSent;
use App\Models\Message;
use App\Models\User;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\RedirectResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Arr;
use Illuminate\Support\Facades\Auth;
use Illuminate\View\View;

class ChatController
{
    /** How many messages a newcomer is shown. */
    private const HISTORY = 50;

    /** The chat; the form that asks for a name; or, for /?as=Ada, the chat as Ada without a form. */
    public function show(Request $request): View|RedirectResponse
    {
        if ($request->filled('as')) {
            User::enter($request->validate(['as' => User::NAME_RULES])['as']);

            return redirect('/');
        }

        return Auth::check() ? view('chat', ['page' => $this->page()]) : view('enter');
    }

    /** What was said after a message: a tab that was offline catches up here. */
    public function index(Request $request): JsonResponse
    {
        return response()->json($this->after($request->integer('after')));
    }

    public function store(Request $request): JsonResponse
    {
        $request->validate(['text' => 'required|string|max:500']);
        $message = Message::create(['user_id' => Auth::id(), 'text' => $request->string('text')->trim()->value()]);

        broadcast(new MessageSent($message))->toOthers();

        return response()->json($message->forBrowsers(), 201);
    }

    /**
     * What the page's script starts from. Key and port come with the page, and not from the build (`VITE_REVERB_…`, the
     * usual way), so that one build serves every environment.
     *
     * @return array<string, mixed>
     */
    private function page(): array
    {
        $reverb = config('broadcasting.connections.reverb');

        return [
            'me' => Auth::user()->only('id', 'name'),
            'messages' => $this->after(0),
            'reverb' => ['key' => $reverb['key']] + Arr::only($reverb['options'], ['host', 'port', 'scheme']),
        ];
    }

    /** @return list<array<string, mixed>> */
    private function after(int $id): array
    {
        return Message::with('user')->where('id', '>', $id)->latest('id')->limit(self::HISTORY)->get()
            ->reverse()->values()->map(fn (Message $message) => $message->forBrowsers())->all();
    }
}
