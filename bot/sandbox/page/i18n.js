/** Every sentence of the page, in both languages, and the choice between them. */

import { recall, remember } from "./preferences.js";

/** key: [中文, English]. `{name}` is a placeholder. Both languages have every key by construction. */
const STRINGS = {
  "app.title": ["呼应 · 本地群聊", "Huying · Local chat"],
  "app.name": ["呼应", "Huying"],
  "app.subtitle": ["本地群聊沙盘", "Local chat sandbox"],
  "app.add_pane": ["再加一个人", "Add a person"],
  "app.panes": ["各人的窗口", "People's panes"],
  "app.language": ["Switch to English", "切换到中文"],
  "app.language_short": ["EN", "中"],
  "app.theme.auto": ["外观：跟随系统", "Theme: as the system"],
  "app.theme.light": ["外观：浅色", "Theme: light"],
  "app.theme.dark": ["外观：深色", "Theme: dark"],
  "app.unreachable": ["连不上本地服务", "The local server can't be reached"],
  "app.retry": ["重试", "Try again"],
  "link.open": ["打开链接", "Open a link"],
  "link.hint": ["粘贴 t.me 链接，例如 t.me/bot?start=码", "Paste a t.me link, such as t.me/bot?start=code"],
  "link.go": ["打开", "Open"],
  "link.outside": ["要打开这个外部网址吗？", "Open this outside address?"],
  "link.unknown": ["这个链接不指向沙盘里的任何聊天", "This link leads to no chat of the sandbox"],
  "link.choose_group": ["把机器人加到哪个群？", "Add the bot to which group?"],
  "person.choose": ["选择要扮演的人", "Choose whom to act as"],
  "person.hint": [
    "每个窗口是一个人的手机。选好之后就能以他的身份聊天。",
    "Each pane is one person's phone. Choose who holds it, then chat as them.",
  ],
  "person.search": ["搜索姓名或用户名", "Search a name or username"],
  "person.switch": ["换一个人（现在是{name}）", "Switch person (now {name})"],
  "person.none": ["还没有人", "Nobody here yet"],
  "person.open": ["以此人身份打开窗口", "Open a pane as this person"],
  "person.id": ["编号 {id}", "ID {id}"],
  "pane.close": ["关闭{name}的窗口", "Close {name}'s pane"],
  "pane.label": ["{name}的窗口", "{name}'s pane"],
  "pane.offline": ["连接断开，正在重连…", "Connection lost, reconnecting…"],
  "chats.list": ["聊天列表", "Chat list"],
  "chats.search": ["搜索聊天", "Search chats"],
  "chats.none": ["还没有聊天", "No chats yet"],
  "chats.bots": ["机器人", "Bots"],
  "chats.joinable": ["可加入的群", "Groups to join"],
  "chats.not_started": ["尚未启动", "Not started yet"],
  "chats.unread": ["{n} 条未读", "{n} unread"],
  "chats.empty": ["没有消息", "No messages"],
  "chats.you": ["我", "You"],
  "chats.back": ["返回聊天列表", "Back to the chat list"],
  "chat.pick": ["从左边选一个聊天", "Pick a chat on the left"],
  "chat.pick_hint": ["消息、按钮和修改都会实时出现", "Messages, buttons and edits appear live"],
  "chat.members": ["{n} 位成员", "{n} members"],
  "chat.bot": ["机器人", "bot"],
  "chat.show_members": ["成员", "Members"],
  "chat.menu": ["更多操作", "More actions"],
  "chat.leave": ["退出群聊", "Leave group"],
  "chat.join": ["加入群聊", "Join group"],
  "chat.start": ["开始", "Start"],
  "chat.restart": ["重新发送 /start", "Send /start again"],
  "chat.as_group": ["以群的名义发言", "Write as the group"],
  "chat.as_self": ["以自己的名义发言", "Write as myself"],
  "chat.upgrade": ["升级为超级群", "Upgrade to supergroup"],
  "chat.block": ["停用并屏蔽机器人", "Stop and block bot"],
  "chat.unblock": ["解除屏蔽", "Unblock"],
  "chat.blocked": ["你已屏蔽这个机器人", "You have blocked this bot"],
  "chat.start_hint": ["按“开始”后，机器人才能给你发消息", "The bot can write to you after you press Start"],
  "chat.log": ["{title} 的消息", "Messages of {title}"],
  "chat.earlier": ["更早的消息", "Earlier messages"],
  "chat.latest": ["到最新消息", "To the latest message"],
  "chat.pinned": ["置顶消息", "Pinned message"],
  "chat.no_messages": ["这里还没有消息", "No messages here yet"],
  "role.creator": ["群主", "owner"],
  "role.administrator": ["管理员", "admin"],
  "role.member": ["成员", "member"],
  "role.restricted": ["受限", "restricted"],
  "role.left": ["已退出", "left"],
  "role.kicked": ["已移出", "removed"],
  "role.bot": ["机器人", "bot"],
  "member.promote": ["设为管理员", "Make admin"],
  "member.demote": ["取消管理员", "Remove as admin"],
  "member.kick": ["移出群聊", "Remove from group"],
  "member.private": ["打开私聊", "Open the private chat"],
  "member.add": ["添加成员", "Add a member"],
  "message.edited": ["已编辑", "edited"],
  "message.reply": ["回复", "Reply"],
  "message.edit": ["编辑", "Edit"],
  "message.copy": ["复制文字", "Copy text"],
  "message.pin": ["置顶", "Pin"],
  "message.unpin": ["取消置顶", "Unpin"],
  "message.delete": ["删除", "Delete"],
  "message.actions": ["消息操作", "Message actions"],
  "message.unknown": ["这种消息无法显示", "This kind of message can't be shown"],
  "message.deleted": ["已删除的消息", "Deleted message"],
  "message.forwarded": ["转发自 {name}", "Forwarded from {name}"],
  "message.spoiler": ["隐藏的文字，按下可看", "Hidden text, press to show"],
  "message.new": ["{name}：{text}", "{name}: {text}"],
  "kind.photo": ["照片", "Photo"],
  "kind.album": ["相册", "Album"],
  "kind.video": ["视频", "Video"],
  "kind.animation": ["动图", "GIF"],
  "kind.voice": ["语音", "Voice message"],
  "kind.audio": ["音频", "Audio"],
  "kind.video_note": ["视频留言", "Video message"],
  "kind.document": ["文件", "File"],
  "kind.location": ["位置", "Location"],
  "kind.venue": ["地点", "Venue"],
  "kind.contact": ["名片", "Contact"],
  "kind.sticker": ["贴纸", "Sticker"],
  "kind.dice": ["骰子", "Dice"],
  "kind.poll": ["投票", "Poll"],
  "media.play": ["播放", "Play"],
  "media.pause": ["暂停", "Pause"],
  "media.silent": ["这条示例没有声音", "This sample has no sound"],
  "media.view": ["查看大图", "View full size"],
  "media.download": ["下载 {name}", "Download {name}"],
  "media.close": ["关闭", "Close"],
  "media.map": ["位置示意图：{latitude}，{longitude}", "Sketch map of {latitude}, {longitude}"],
  "poll.votes": ["{n} 票", "{n} votes"],
  "composer.placeholder": ["写消息…", "Write a message…"],
  "composer.caption": ["写说明…", "Write a caption…"],
  "composer.send": ["发送", "Send"],
  "composer.save": ["保存修改", "Save the edit"],
  "composer.attach": ["添加附件", "Attach"],
  "composer.editing": ["编辑消息", "Edit message"],
  "composer.replying": ["回复 {name}", "Reply to {name}"],
  "composer.cancel": ["取消", "Cancel"],
  "composer.remove": ["去掉这张", "Remove this one"],
  "composer.suggestions": ["建议", "Suggestions"],
  "composer.keyboard": ["快捷按钮", "Reply buttons"],
  "attach.photo": ["照片…", "Photo…"],
  "attach.sample_photo": ["示例照片", "Sample photo"],
  "attach.sample_album": ["示例相册（3张）", "Sample album (3)"],
  "attach.voice": ["示例语音", "Sample voice"],
  "attach.video": ["示例视频", "Sample video"],
  "attach.document": ["示例文件", "Sample file"],
  "attach.location": ["位置…", "Location…"],
  "attach.venue": ["示例地点", "Sample venue"],
  "attach.contact": ["示例名片", "Sample contact"],
  "attach.sticker": ["示例贴纸", "Sample sticker"],
  "attach.poll": ["示例投票", "Sample poll"],
  "attach.dice": ["骰子", "Dice"],
  "attach.too_many": ["一次最多 10 张", "At most 10 at a time"],
  "attach.unreadable": ["这张图片打不开", "This picture can't be read"],
  "attach.pick_place": ["点一下地图选位置", "Press the map to choose a place"],
  "attach.send_place": ["发送位置", "Send location"],
  "attach.latitude": ["纬度", "Latitude"],
  "attach.longitude": ["经度", "Longitude"],
  "sample.venue": ["社区服务中心（示例）", "Community centre (sample)"],
  "sample.address": ["示例路 1 号", "1 Sample Road"],
  "sample.contact": ["示例", "Sample"],
  "sample.question": ["什么时候方便？（示例）", "When does it suit you? (sample)"],
  "sample.option_1": ["上午", "Morning"],
  "sample.option_2": ["下午", "Afternoon"],
  "service.joined": ["{actor} 加入了群聊", "{actor} joined the group"],
  "service.added": ["{actor} 邀请 {names} 加入了群聊", "{actor} added {names}"],
  "service.left": ["{actor} 退出了群聊", "{actor} left the group"],
  "service.removed": ["{actor} 将 {names} 移出了群聊", "{actor} removed {names}"],
  "service.pinned": ["{actor} 置顶了“{text}”", "{actor} pinned “{text}”"],
  "service.pinned_plain": ["{actor} 置顶了一条消息", "{actor} pinned a message"],
  "service.created": ["{actor} 创建了群聊", "{actor} created the group"],
  "service.migrated": ["群聊已升级为超级群", "The group became a supergroup"],
  "service.title": ["群名改为“{text}”", "The group is now called “{text}”"],
  "service.photo": ["群头像已更新", "The group photo changed"],
  "alert.ok": ["好", "OK"],
  "toast.copied": ["已复制", "Copied"],
  "toast.no_such_person": ["沙盘里没有这个人：{name}", "Nobody in the sandbox is called {name}"],
  "keyboard.plain": ["这种按钮在沙盘里不能用", "This kind of button does nothing in the sandbox"],
  "confirm.yes": ["打开", "Open"],
  "confirm.no": ["不打开", "Don't open"],
  "unit.byte": ["字节", "B"],
};

const LANGUAGES = ["zh", "en"];

function firstChoice() {
  const remembered = recall("language");
  if (LANGUAGES.includes(remembered)) return remembered;
  return (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en";
}

let current = firstChoice();

/** Return the page's language: zh or en. */
export function language() {
  return current;
}

/** Return the BCP 47 tag for dates, numbers and the document. */
export function locale() {
  return current === "zh" ? "zh-CN" : "en-GB";
}

/** Switch between Chinese and English and remember it; the caller redraws. */
export function switchLanguage() {
  current = current === "zh" ? "en" : "zh";
  remember("language", current);
}

/** Return the sentence *key* with its placeholders filled; an unknown key is a programming error and throws. */
export function t(key, values = {}) {
  const sentence = STRINGS[key][LANGUAGES.indexOf(current)];
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
